#include <capstan/core/operator/engine/contains.hpp>

#include <algorithm>

namespace capstan {
namespace {

bool AllNamed(const Json::Array& items) {
  return std::all_of(items.begin(), items.end(), [](const Json& item) { return item["name"].is_string(); });
}

const Json* FindNamed(const Json::Array& items, const Json& name) {
  const auto found =
      std::find_if(items.begin(), items.end(), [&](const Json& item) { return item["name"] == name; });
  return found == items.end() ? nullptr : &*found;
}

bool ContainsItems(const Json::Array& there, const Json::Array& wanted) {
  if (!wanted.empty() && AllNamed(wanted)) {
    return std::all_of(wanted.begin(), wanted.end(), [&](const Json& item) {
      const Json* named = FindNamed(there, item["name"]);
      return named != nullptr && Contains(*named, item);
    });
  }
  return std::equal(there.begin(), there.end(), wanted.begin(), wanted.end(), &Contains);
}

}  // namespace

bool Contains(const Json& there, const Json& wanted) {
  if (wanted.is_object()) {
    return std::all_of(wanted.fields().begin(), wanted.fields().end(),
                       [&](const Json::Field& field) { return Contains(there[field.first], field.second); });
  }
  if (wanted.is_array()) {
    return (there.is_array() || wanted.items().empty()) && ContainsItems(there.items(), wanted.items());
  }
  if (wanted.is_number()) return there.is_number() && there.AsNumber() == wanted.AsNumber();
  return there == wanted;
}

}  // namespace capstan
