// Between the text of a stored object and what goes over the wire in one of its versions. Pure;
// thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/catalog/resource.hpp>
#include <capstan/local/apiserver/storage/object_store.hpp>
#include <capstan/local/apiserver/writing/version_converter.hpp>

namespace capstan::apiserver {

inline constexpr int kStoredDepth = 512;  // levels of what is stored, more than any request may have

// Whether the text of a record may be shown as it is, but for its apiVersion.
bool IsAsShown(const Record& record, const Resource& resource);
// The records in the version asked for, where only a webhook can convert; else as they are. What
// comes back holds the text of that version under the same key.
Answer<std::vector<RecordPtr>> Converted(std::vector<RecordPtr> records, const Resource& resource,
                                         const Version& version, VersionConverter* converter,
                                         const Cancellation* cancellation);
Answer<RecordPtr> Converted(const RecordPtr& record, const Resource& resource, const Version& version,
                            VersionConverter* converter, const Cancellation* cancellation);
// The tree of a record in the stored shape, defaults of today's schema applied. Errors: kDataLoss.
Result<json::ObjectPtr> ReadRecord(const Record& record, const Resource& resource);
// With keys in the order of the alphabet, at every level: so Kubernetes shows custom resources.
json::ObjectPtr WithSortedKeys(const json::ObjectPtr& object);
// The text to store: apiVersion and kind first, `marker` as resourceVersion.
std::string StoredText(json::ObjectPtr object, const Resource& resource, const std::string& marker);
// From the stored shape to the version asked for, in place.
void ToVersion(json::ObjectPtr object, const Resource& resource, const Version& version);
// And back.
void FromVersion(json::ObjectPtr object, const Resource& resource, const Version& version);
// A record as JSON in `version`; as cheap as a copy when that is the stored one.
std::string TextInVersion(const Record& record, const Resource& resource, const Version& version);
// A field for field selectors: "metadata.name", "spec.region"; "" when absent.
std::string FieldValue(const Record& record, const std::string& field);

}  // namespace capstan::apiserver
