// Kubernetes' errors about one field of a rejected object, word for word.
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
  kDuplicate,     // a list that is a set or a map has the same entry twice
  kInvalid,       // a value violates a rule
  kNotSupported,  // a value is not in a closed list
  kForbidden,     // the field must not be set
  kTooLong,
  kTooMany,
  kTypeInvalid,  // a string instead of an integer, for example
  kNotFound,
  kInternal,
};

struct FieldError {
  FieldErrorType type = FieldErrorType::kInvalid;
  std::string field;     // "spec.nodePools[0].count"; empty for the whole object
  json::Tree bad_value;  // printed for kInvalid, kDuplicate, kNotSupported, kTypeInvalid, kNotFound
  std::string detail;
  bool omit_value = false;  // the value is too large to print, such as a whole object
};

// The `reason` of a cause in a Status: "FieldValueRequired" and so on.
std::string_view CauseReason(FieldErrorType type);
// The `message` of a cause, without the field: `Invalid value: 0: must be greater than zero`.
std::string CauseMessage(const FieldError& error);
// `spec.count: Invalid value: 0: must be greater than zero`.
std::string ToText(const FieldError& error);
// A single error as above; several as "[a, b]" without duplicates.
std::string ToText(const std::vector<FieldError>& errors);

// The whole answer: a Status with code 422, reason Invalid and one cause for each error. `kind` has
// no group; `name` may be empty.
json::ObjectPtr InvalidStatus(std::string_view group, std::string_view kind, std::string_view name,
                              const std::vector<FieldError>& errors);

// Constructors for the code that checks metadata and the like.
FieldError RequiredField(std::string field, std::string detail);
FieldError InvalidField(std::string field, const json::Tree& bad_value, std::string detail);
FieldError ForbiddenField(std::string field, std::string detail);
// The detail becomes `supported values: "A", "B"`.
FieldError UnsupportedField(std::string field, const json::Tree& bad_value,
                            const std::vector<std::string>& supported);

}  // namespace capstan::apiserver
