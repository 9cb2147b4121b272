// The rules of metadata that hold for every object, and small steps on the tree of one object.
//
// Pure; thread-safe as long as the trees are the caller's own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/api/field_error.hpp>

namespace capstan::apiserver {

// The metadata of an object, made when missing or of another type.
json::ObjectPtr MetaOf(json::ObjectPtr object);
// The object under a key, made when missing or of another type.
json::ObjectPtr SectionOf(json::ObjectPtr object, const std::string& key);
// A string of the metadata, "" when absent.
std::string MetaString(json::ObjectPtr object, std::string_view field);
// The status of the condition of this type, such as "True"; "" when there is none.
std::string ConditionStatus(const json::ObjectPtr& object, std::string_view type);
// Leaves the key out when there are no values.
void SetStrings(json::ObjectPtr object, std::string_view key, const std::vector<std::string>& values);

// What is wrong with a name, or "".
std::string CheckSubdomainName(std::string_view name);
std::string CheckQualifiedName(std::string_view text);  // "prefix/name", as keys of labels are
std::string CheckLabelValue(std::string_view text);
std::string CheckLabelName(std::string_view name);
// Of a named port; empty when it is one.
std::vector<std::string> CheckPortName(std::string_view name);

// Name, generateName, labels, annotations, finalizers, owner references. `check_name` null means
// CheckSubdomainName.
std::vector<FieldError> ValidateMeta(json::ObjectPtr object, bool namespaced,
                                     std::string (*check_name)(std::string_view));
// Finalizers without a domain must be Kubernetes' own; asked of built-in kinds only.
void CheckStandardFinalizers(json::ObjectPtr object, std::vector<FieldError>& errors);
// Empty maps and lists in metadata mean the same as none, and are not kept.
void DropEmptyMeta(json::ObjectPtr meta);
// What an update may not change in metadata.
std::vector<FieldError> ValidateMetaUpdate(json::ObjectPtr fresh, json::ObjectPtr live);

// How Go's decoder calls a JSON value.
std::string_view GoName(const json::Tree& value);

// What is of the wrong type in metadata, in Kubernetes' words for a malformed body; "" when all
// fits.
std::string MetaTypeMismatch(json::ObjectPtr object);

// Equal but for the named top-level fields.
bool EqualExcept(json::ObjectPtr a, json::ObjectPtr b, const std::vector<std::string>& fields);
// Equal, metadata.managedFields and metadata.resourceVersion aside.
bool EqualExceptManagedFields(json::ObjectPtr a, json::ObjectPtr b);

}  // namespace capstan::apiserver
