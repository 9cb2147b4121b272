// What Kubernetes says about one field of a refused object, word for word as its servers say it.
//
// Values and pure functions; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>

namespace capstan::apiserver {

enum class FieldErrorType {
  kRequired,      // a value is missing
  kDuplicate,     // a list that is a set or a map holds the same entry twice
  kInvalid,       // a value breaks a rule
  kNotSupported,  // a value is not in a closed list
  kForbidden,     // a value may not be there at all
  kTooLong,
  kTooMany,
  kTypeInvalid,  // a string where an integer must be
  kNotFound,
  kInternal,
};

struct FieldError {
  FieldErrorType type = FieldErrorType::kInvalid;
  std::string field;     // "spec.nodePools[0].count"; may be empty for the whole object
  json::Tree bad_value;  // shown for kInvalid, kDuplicate, kNotSupported, kTypeInvalid, kNotFound
  std::string detail;
  bool omit_value = false;  // the value is too large to be shown, as of an object that breaks a rule
};

// "FieldValueRequired" and so on: the `reason` of a cause in a Status.
std::string_view CauseReason(FieldErrorType type);
// `Invalid value: 0: must be greater than zero`: the `message` of a cause, without the field.
std::string CauseMessage(const FieldError& error);
// `spec.count: Invalid value: 0: must be greater than zero`.
std::string ToText(const FieldError& error);
// One error as it is; several as "[a, b]", doubles dropped.
std::string ToText(const std::vector<FieldError>& errors);

// The whole answer: kind Status, code 422, reason Invalid, details with causes. `kind` without
// group, `name` may be empty.
json::ObjectPtr InvalidStatus(std::string_view group, std::string_view kind, std::string_view name,
                              const std::vector<FieldError>& errors);

// Errors for the code that checks metadata and the like.
FieldError RequiredField(std::string field, std::string detail);
FieldError InvalidField(std::string field, const json::Tree& bad_value, std::string detail);
FieldError ForbiddenField(std::string field, std::string detail);
// detail becomes `supported values: "A", "B"`.
FieldError UnsupportedField(std::string field, const json::Tree& bad_value,
                            const std::vector<std::string>& supported);

}  // namespace capstan::apiserver
