// status.conditions according to Kubernetes' API conventions. Pure functions from text to text, so
// that a write can patch exactly this list. A merge patch replaces the whole list: send it with the
// resourceVersion at which the list was read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/result.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/core/kube/object.hpp>

namespace capstan::kube {

struct Condition {
  std::string type;                      // "Ready"
  std::string status;                    // "True", "False" or "Unknown"
  std::string reason;                    // CamelCase, stable
  std::string message;                   // for people; truncated to 32768 bytes, the API's limit
  std::int64_t observed_generation = 0;  // 0: left out
  std::string last_transition_time;      // output only: SetCondition sets it
};

// `conditions` is the text of the array; "" or "null" for none. Errors of all functions:
// kInvalidArgument if it is not an array.
Result<std::vector<Condition>> ParseConditions(std::string_view conditions);
// Nothing if there is no condition of that type.
Result<std::optional<Condition>> FindCondition(std::string_view conditions, std::string_view type);
// The condition in an object's .status.conditions; nothing if it is absent or the field is not a
// list.
std::optional<Condition> ConditionIn(const Object& object, std::string_view type);

// The array with this condition set, at its old position or at the end. lastTransitionTime becomes
// `now` only if the status changes; observedGeneration never decreases. Other conditions and
// unknown fields are unchanged. Returns the same text as `conditions` if nothing changes.
Result<std::string> SetCondition(std::string_view conditions, const Condition& condition, WallTime now);
Result<std::string> RemoveCondition(std::string_view conditions, std::string_view type);

}  // namespace capstan::kube
