// The template of pods that workloads carry, and the fields of a spec that stay as they were made.
// For catalog/ only. Pure; thread-safe.
#pragma once

#include <vector>

#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/api/field_error.hpp>

namespace capstan::apiserver {

// Adds what is wrong with the template, and with the selector that must fit it. `always`: the
// workload replaces pods for ever, and lets none of them end by itself.
void CheckTemplate(const json::ObjectPtr& fresh, bool always, std::vector<FieldError>& errors);

// Adds an error for each of these fields of the spec that differs from `old`, which may be null.
void CheckKept(const json::ObjectPtr& fresh, const json::ObjectPtr& old,
               const std::vector<const char*>& fields, std::vector<FieldError>& errors);

}  // namespace capstan::apiserver
