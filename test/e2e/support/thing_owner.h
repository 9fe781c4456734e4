// An owner of things that can be read and changed, each tenant's its own, and that says in every
// answer whose it is and how often it was changed: so that a test can tell an answer that is too
// old or somebody else's.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>

#include "support/platform.h"

namespace e2e {

class ThingOwner {
 public:
  ThingOwner();

  std::string address() const { return owner_.address(); }
  // Reads that arrived here.
  int reads() const { return reads_; }
  int writes() const { return writes_; }
  // How long it thinks before it answers, once it knows what.
  void set_pause(std::chrono::microseconds pause) { pause_us_ = static_cast<int>(pause.count()); }
  // From now on it answers with this status; 0: as it should.
  void set_status(int status) { status_ = status; }
  // Fields of every read's answer, each with its CRLF.
  void set_fields(const std::string& fields);

 private:
  void serve(Peer& peer);

  std::mutex mutex_;
  std::map<std::string, long> versions_;  // by tenant and thing
  std::string fields_;
  std::atomic<int> reads_ = 0;
  std::atomic<int> writes_ = 0;
  std::atomic<int> pause_us_ = 0;
  std::atomic<int> status_ = 0;
  RawOwner owner_;
};

// What it says.
struct Thing {
  std::string tenant;
  std::string name;
  long version = 0;

  static Thing read(const Response& response);
};

// A configuration with that owner alone: "read" GET /internal/things/{id} with `cache`, "change"
// PUT …, which makes it stale.
Config thing_config(const ThingOwner& owner, const Json& cache);

Request read_thing(const std::string& tenant, const std::string& name);
Request change_thing(const std::string& tenant, const std::string& name);
// A tenant of this number.
std::string tenant_number(int number);

}  // namespace e2e
