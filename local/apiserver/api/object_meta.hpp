// Rules of metadata that apply to every object, and small operations on an object's tree.
//
// Pure; thread-safe as long as the trees are not shared.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/api/field_error.hpp>

namespace capstan::apiserver {

// The metadata of an object; created when missing or not an object.
json::ObjectPtr MetaOf(json::ObjectPtr object);
// The object under a key; created when missing or not an object.
json::ObjectPtr SectionOf(json::ObjectPtr object, const std::string& key);
// A string of the metadata, "" when absent.
std::string MetaString(json::ObjectPtr object, std::string_view field);
// The status of the condition of this type, such as "True"; "" when the condition is absent.
std::string ConditionStatus(const json::ObjectPtr& object, std::string_view type);
// Removes the key when `values` is empty.
void SetStrings(json::ObjectPtr object, std::string_view key, const std::vector<std::string>& values);

// The problem with a name, or "".
std::string CheckSubdomainName(std::string_view name);
std::string CheckQualifiedName(std::string_view text);  // "prefix/name", as keys of labels are
std::string CheckLabelValue(std::string_view text);
std::string CheckLabelName(std::string_view name);
// The problems with the name of a port; empty when it is valid.
std::vector<std::string> CheckPortName(std::string_view name);

// Validates name, generateName, labels, annotations, finalizers and owner references. `check_name`
// null means CheckSubdomainName.
std::vector<FieldError> ValidateMeta(json::ObjectPtr object, bool namespaced,
                                     std::string (*check_name)(std::string_view));
// A finalizer without a domain must be one of Kubernetes' own; called for built-in kinds only.
void CheckStandardFinalizers(json::ObjectPtr object, std::vector<FieldError>& errors);
// Drops empty maps and lists in metadata, which mean the same as absent ones.
void DropEmptyMeta(json::ObjectPtr meta);
// Checks the fields of metadata that an update must not change.
std::vector<FieldError> ValidateMetaUpdate(json::ObjectPtr fresh, json::ObjectPtr live);

// The name of a JSON value's type in messages of Go's decoder.
std::string_view GoName(const json::Tree& value);

// The first value of the wrong type in metadata, in Kubernetes' words for a malformed body; "" when
// all types are right.
std::string MetaTypeMismatch(json::ObjectPtr object);

// Whether the objects are equal except for the named top-level fields.
bool EqualExcept(json::ObjectPtr a, json::ObjectPtr b, const std::vector<std::string>& fields);
// Whether the objects are equal except for metadata.managedFields and metadata.resourceVersion.
bool EqualExceptManagedFields(json::ObjectPtr a, json::ObjectPtr b);

}  // namespace capstan::apiserver
