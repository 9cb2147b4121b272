#include <capstan/core/kube/conditions.hpp>

#include <algorithm>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::kube {
namespace {

constexpr std::size_t kConditionMessageLimit = 32768;

Result<json::ArrayPtr> ParseArray(std::string_view conditions) {
  if (Trim(conditions).empty()) return json::MakeArray();
  auto tree = json::ParseTree(conditions);
  if (!tree) return Annotate(std::move(tree).error(), "status.conditions");
  if (json::IsNull(*tree)) return json::MakeArray();
  json::ArrayPtr array = json::AsArray(*tree);
  if (!array) return Fail(Code::kInvalidArgument, "status.conditions is not a list");
  return array;
}

bool IsOfType(const json::Tree& item, std::string_view type) {
  return json::StringIn(json::AsObject(item), "type") == type;
}

Condition Read(const json::ObjectPtr& object) {
  const auto text = [&](const char* key) { return json::StringIn(object, key).value_or(""); };
  Condition condition;
  condition.type = text("type");
  condition.status = text("status");
  condition.reason = text("reason");
  condition.message = text("message");
  condition.observed_generation = json::IntegerIn(object, "observedGeneration").value_or(0);
  condition.last_transition_time = text("lastTransitionTime");
  return condition;
}

// Sets a member unless it already has that value; returns whether it changed.
bool Put(json::ObjectPtr& object, const char* key, const std::string& value) {
  if (json::StringIn(object, key) == value) return false;
  object->set(key, value);
  return true;
}

bool Update(json::ObjectPtr& object, const Condition& wanted, WallTime now) {
  bool changed = Put(object, "type", wanted.type);
  if (Put(object, "status", wanted.status) ||
      json::StringIn(object, "lastTransitionTime").value_or("").empty()) {
    Put(object, "lastTransitionTime", FormatRfc3339(now));
    changed = true;
  }
  changed |= Put(object, "reason", wanted.reason);
  changed |= Put(object, "message", Shorten(wanted.message, kConditionMessageLimit - 4));
  if (wanted.observed_generation > json::IntegerIn(object, "observedGeneration").value_or(0)) {
    object->set("observedGeneration", Poco::Int64{wanted.observed_generation});
    changed = true;
  }
  return changed;
}

}  // namespace

Result<std::vector<Condition>> ParseConditions(std::string_view conditions) {
  CAPSTAN_TRY(const json::ArrayPtr array, ParseArray(conditions));
  std::vector<Condition> result;
  for (const auto& item : *array) {
    const json::ObjectPtr object = json::AsObject(item);
    if (!object)
      return Fail(Code::kInvalidArgument, "status.conditions holds something that is not an object");
    result.push_back(Read(object));
  }
  return result;
}

Result<std::optional<Condition>> FindCondition(std::string_view conditions, std::string_view type) {
  CAPSTAN_TRY(const auto all, ParseConditions(conditions));
  const auto found = std::find_if(all.begin(), all.end(), [&](const Condition& c) { return c.type == type; });
  if (found == all.end()) return std::optional<Condition>();
  return std::optional<Condition>(*found);
}

std::optional<Condition> ConditionIn(const Object& object, std::string_view type) {
  auto found = FindCondition(object.ValueAt("/status/conditions").value_or(""), type);
  return found ? *std::move(found) : std::nullopt;
}

Result<std::string> SetCondition(std::string_view conditions, const Condition& condition, WallTime now) {
  CAPSTAN_TRY(json::ArrayPtr array, ParseArray(conditions));
  json::ObjectPtr object;
  for (const auto& item : *array) {
    if (IsOfType(item, condition.type)) object = json::AsObject(item);
  }
  if (!object) {
    object = json::MakeObject();
    array->add(object);
  }
  if (!Update(object, condition, now)) return std::string(conditions);
  return json::ToText(array);
}

Result<std::string> RemoveCondition(std::string_view conditions, std::string_view type) {
  CAPSTAN_TRY(const json::ArrayPtr array, ParseArray(conditions));
  json::ArrayPtr rest = json::MakeArray();
  for (const auto& item : *array) {
    if (!IsOfType(item, type)) rest->add(item);
  }
  if (rest->size() == array->size()) return std::string(conditions);
  return json::ToText(rest);
}

}  // namespace capstan::kube
