// ExportedComponents: what the operations of an exported document share, Usher's own and what is
// taken over from contracts.
//
// Of two contracts that have a component of the same name, each gets its own: "Error" becomes
// "ticket-service.Error" and "order-service.Error", unless both say the same in themselves.
//
// Owner: one export.  Thread: any. Borrows the contracts.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/json_reader.h"
#include "openapi/contract.h"
#include "openapi/literal_data.h"

namespace usher::openapi {

class ExportedComponents {
 public:
  explicit ExportedComponents(std::vector<const Contract*> contracts);

  // Adds one of Usher's own, which no contract's may be called like. REQUIRES: before copy().
  void add_own(std::string_view kind, std::string_view name, config::Value value);
  // "#/components/headers/X-Trace-ID" as a reference object.
  static config::Value reference(std::string_view kind, std::string_view name);

  // Makes a value of Usher's own a component, `name` or name-2, name-3, …, unless an equal one is
  // there already. Returns the reference.
  config::Value share(std::string_view kind, const std::string& name, config::Value value);

  // A value of that contract, its references leading to where the components will be.
  config::Value copy(const Contract& contract, const config::Value& value);

  // All that are Usher's own or that copies refer to.
  config::Value take();

 private:
  using Key = std::pair<std::string, std::string>;  // kind and name in its contract

  void choose_names();
  void rewrite(const Contract& contract, config::Value& value, Names names);
  void rewrite_text(const Contract& contract, std::string& reference);

  std::vector<const Contract*> contracts_;
  config::Value own_;
  bool names_chosen_ = false;
  std::map<std::pair<const Contract*, Key>, std::string> names_;  // in the exported document
  std::vector<std::pair<const Contract*, Key>> wanted_;  // in the order in which they were found
  std::set<std::pair<std::string, std::string>> found_;  // kind and exported name
};

}  // namespace usher::openapi
