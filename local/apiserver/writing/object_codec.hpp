// Converts between the text of a stored object and its versions on the wire. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/catalog/resource.hpp>
#include <capstan/local/apiserver/storage/object_store.hpp>
#include <capstan/local/apiserver/writing/version_converter.hpp>

namespace capstan::apiserver {

// Levels of nesting of stored objects, more than any request can have.
inline constexpr int kStoredDepth = 512;

// Whether the text of a record can be sent unchanged except for its apiVersion.
bool IsAsShown(const Record& record, const Resource& resource);
// The records in the requested version where only a webhook can convert; otherwise unchanged. The
// returned records have the text of that version under the same key.
Answer<std::vector<RecordPtr>> Converted(std::vector<RecordPtr> records, const Resource& resource,
                                         const Version& version, VersionConverter* converter,
                                         const Cancellation* cancellation);
Answer<RecordPtr> Converted(const RecordPtr& record, const Resource& resource, const Version& version,
                            VersionConverter* converter, const Cancellation* cancellation);
// The tree of a record in the stored shape, with defaults of the current schema applied. Errors:
// kDataLoss.
Result<json::ObjectPtr> ReadRecord(const Record& record, const Resource& resource);
// With keys sorted at every level, as Kubernetes returns custom resources.
json::ObjectPtr WithSortedKeys(const json::ObjectPtr& object);
// The text to store: apiVersion and kind first, `marker` as resourceVersion.
std::string StoredText(json::ObjectPtr object, const Resource& resource, const std::string& marker);
// Converts from the stored shape to the requested version, in place.
void ToVersion(json::ObjectPtr object, const Resource& resource, const Version& version);
// The reverse.
void FromVersion(json::ObjectPtr object, const Resource& resource, const Version& version);
// Drops what is stored and this version of a custom resource does not describe, in place.
void DropUndescribed(json::ObjectPtr object, const Resource& resource, const Version& version);
// A record as JSON in `version`; costs only a copy when that is the stored version.
std::string TextInVersion(const Record& record, const Resource& resource, const Version& version);
// The value of a field for field selectors ("metadata.name", "spec.region"); "" when absent.
std::string FieldValue(const Record& record, const std::string& field);

}  // namespace capstan::apiserver
