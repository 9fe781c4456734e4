#include "openapi/exported_components.h"

#include <algorithm>
#include <utility>

#include "openapi/json_tree.h"

namespace usher::openapi {
namespace {

using Type = Value::Type;

constexpr std::string_view kPrefix = "#/components/";

const Value* components_of(const Contract& contract) {
  return contract.document().root().find("components");
}

const Value* find_component(const Contract& contract, const std::string& kind,
                            const std::string& name) {
  const Value* components = components_of(contract);
  const Value* of_kind = components == nullptr ? nullptr : components->find(kind);
  return of_kind == nullptr ? nullptr : of_kind->find(name);
}

bool has_reference(const Value& value) {
  return std::any_of(value.children.begin(), value.children.end(), [](const Value& child) {
    return child.name == "$ref" || has_reference(child);
  });
}

// Whether all contracts that have this component mean the same by it, whatever they call others.
bool all_same(const std::vector<const Value*>& values) {
  if (values.size() == 1) return true;
  return !has_reference(*values.front()) &&
         std::all_of(values.begin(), values.end(),
                     [&](const Value* value) { return same_value(*value, *values.front()); });
}

}  // namespace

ExportedComponents::ExportedComponents(std::vector<const Contract*> contracts)
    : contracts_(std::move(contracts)), own_(make_object()) {}

void ExportedComponents::add_own(std::string_view kind, std::string_view name, Value value) {
  Value* of_kind = find_member(own_, kind);
  if (of_kind == nullptr) of_kind = &add(own_, kind, make_object());
  add(*of_kind, name, std::move(value));
}

Value ExportedComponents::reference(std::string_view kind, std::string_view name) {
  Value object = make_object();
  put(object, "$ref", std::string(kPrefix).append(kind).append("/").append(escape_pointer(name)));
  return object;
}

Value ExportedComponents::share(std::string_view kind, const std::string& name, Value value) {
  const Value* of_kind = find_member(own_, kind);
  for (int number = 1;; ++number) {
    const std::string numbered = number == 1 ? name : name + "-" + std::to_string(number);
    const Value* other = of_kind == nullptr ? nullptr : of_kind->find(numbered);
    if (other != nullptr && !same_value(*other, value)) continue;
    if (other == nullptr) add_own(kind, numbered, std::move(value));
    return reference(kind, numbered);
  }
}

void ExportedComponents::choose_names() {
  if (std::exchange(names_chosen_, true)) return;
  std::map<Key, std::vector<const Contract*>> holders;
  for (const Contract* contract : contracts_) {
    const Value* components = components_of(*contract);
    if (components == nullptr) continue;
    for (const Value& kind : components->children) {
      for (const Value& component : kind.children) {
        holders[{kind.name, component.name}].push_back(contract);
      }
    }
  }
  std::set<Key> taken;
  std::vector<const std::pair<const Key, std::vector<const Contract*>>*> clashes;
  for (const auto& holder : holders) {
    const auto& [key, contracts] = holder;
    std::vector<const Value*> values;
    for (const Contract* contract : contracts) {
      values.push_back(find_component(*contract, key.first, key.second));
    }
    const Value* own = find_member(own_, key.first);
    // share() may add others whose names begin so.
    const bool is_own =
        key.second.starts_with("Usher") || (own != nullptr && own->find(key.second) != nullptr);
    if (is_own || !all_same(values)) {
      clashes.push_back(&holder);
      continue;
    }
    taken.insert(key);
    for (const Contract* contract : contracts) names_[{contract, key}] = key.second;
  }
  for (const auto* clash : clashes) {
    const auto& [key, contracts] = *clash;
    for (const Contract* contract : contracts) {
      std::string name = contract->service() + "." + key.second;
      while (!taken.insert({key.first, name}).second) name += '_';
      names_[{contract, key}] = name;
    }
  }
}

Value ExportedComponents::copy(const Contract& contract, const Value& value) {
  choose_names();
  Value result = value;
  rewrite(contract, result, Names::No);
  return result;
}

void ExportedComponents::rewrite(const Contract& contract, Value& value, Names names) {
  const bool keywords = value.type == Type::Object && names == Names::No;
  for (Value& child : value.children) {
    if (keywords && is_literal_data(child.name)) continue;
    if (keywords && child.name == "$ref" && child.type == Type::String) {
      rewrite_text(contract, child.text);
    } else if (keywords && child.name == "mapping") {  // of a discriminator
      for (Value& target : child.children) rewrite_text(contract, target.text);
    } else {
      rewrite(contract, child, keywords ? names_below(child.name) : Names::No);
    }
  }
}

void ExportedComponents::rewrite_text(const Contract& contract, std::string& reference) {
  if (!reference.starts_with(kPrefix)) return;
  const std::size_t kind_end = reference.find('/', kPrefix.size());
  if (kind_end == std::string::npos) return;
  const std::size_t name_end = std::min(reference.find('/', kind_end + 1), reference.size());
  const Key key = {reference.substr(kPrefix.size(), kind_end - kPrefix.size()),
                   reference.substr(kind_end + 1, name_end - kind_end - 1)};
  const auto name = names_.find({&contract, key});
  if (name == names_.end()) return;
  reference.replace(kind_end + 1, name_end - kind_end - 1, name->second);
  if (found_.emplace(key.first, name->second).second) wanted_.emplace_back(&contract, key);
}

Value ExportedComponents::take() {
  Value components = std::move(own_);
  // Copies may want more of them.
  for (std::size_t i = 0; i < wanted_.size(); ++i) {
    const auto [contract, key] = wanted_[i];
    Value component = copy(*contract, *find_component(*contract, key.first, key.second));
    Value* of_kind = find_member(components, key.first);
    if (of_kind == nullptr) of_kind = &add(components, key.first, make_object());
    add(*of_kind, names_.at({contract, key}), std::move(component));
  }
  return components;
}

}  // namespace usher::openapi
