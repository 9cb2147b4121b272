// The pod template of workloads, and immutable fields of a spec. For catalog/ only. Pure;
// thread-safe.
#pragma once

#include <vector>

#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/api/field_error.hpp>

namespace capstan::apiserver {

// Adds the problems with the template, and with the selector that must match it. `always`: the
// workload always replaces its pods, so it does not allow a restart policy that lets them end.
void CheckTemplate(const json::ObjectPtr& fresh, bool always, std::vector<FieldError>& errors);

// Adds an error for each of these fields of the spec that differs from `old`, which may be null.
void CheckKept(const json::ObjectPtr& fresh, const json::ObjectPtr& old,
               const std::vector<const char*>& fields, std::vector<FieldError>& errors);

}  // namespace capstan::apiserver
