// status.conditions as Kubernetes' API conventions have them. Pure functions from text to text, so
// that what is written is a patch of exactly this list. A merge patch replaces the list whole: send
// it with the resourceVersion it was read at.
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
  std::string message;                   // for people; cut to 32768 bytes, the API's limit
  std::int64_t observed_generation = 0;  // 0: left out
  std::string last_transition_time;      // read only: SetCondition sets it
};

// `conditions` is the text of the array, "" or "null" for none. Errors of all: kInvalidArgument
// when it is no array.
Result<std::vector<Condition>> ParseConditions(std::string_view conditions);
// Nothing when there is none of that type.
Result<std::optional<Condition>> FindCondition(std::string_view conditions, std::string_view type);
// The same of an object's .status.conditions; nothing also where those are no list.
std::optional<Condition> ConditionIn(const Object& object, std::string_view type);

// The array with this condition set: in its old place, or at the end. lastTransitionTime moves to
// `now` only when the status does; an observedGeneration never goes back. Other conditions, and
// fields we do not know, stay untouched. The same text as `conditions` when nothing changes.
Result<std::string> SetCondition(std::string_view conditions, const Condition& condition, WallTime now);
Result<std::string> RemoveCondition(std::string_view conditions, std::string_view type);

}  // namespace capstan::kube
