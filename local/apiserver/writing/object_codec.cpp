#include <capstan/local/apiserver/writing/object_codec.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>

namespace capstan::apiserver {
namespace {

// The start of every stored text.
std::string Opening(std::string_view api_version, std::string_view kind) {
  return StrCat("{\"apiVersion\":", json::Quote(api_version), ",\"kind\":", json::Quote(kind));
}

// Puts apiVersion, kind and metadata first.
json::ObjectPtr InOrder(const json::ObjectPtr& object) {
  json::ObjectPtr ordered = json::MakeObject(object->size());
  for (const char* name : {"apiVersion", "kind", "metadata"}) ordered->set(name, object->get(name));
  for (const std::string& name : object->getNames()) {
    if (name != "apiVersion" && name != "kind" && name != "metadata") ordered->set(name, object->get(name));
  }
  return ordered;
}

// The version in which a record is stored: the storage version at the time of the write.
const Version* VersionOf(const Record& record, const Resource& resource) {
  const std::size_t slash = record.meta.api_version.find('/');
  const Version* version =
      slash == std::string::npos ? nullptr : resource.Find(record.meta.api_version.substr(slash + 1));
  return version ? version : resource.Find(resource.storage_version);
}

// Whether what is stored may have fields that this version lacks, which it is shown without.
bool MayLack(const Resource& resource, const Version& version) {
  return resource.custom && !resource.conversion_webhook && version.schema &&
         version.name != resource.storage_version;
}

}  // namespace

namespace {

json::Tree Sorted(const json::Tree& tree) {
  if (const json::ObjectPtr object = json::AsObject(tree)) return WithSortedKeys(object);
  const json::ArrayPtr array = json::AsArray(tree);
  if (!array) return tree;
  json::ArrayPtr sorted = json::MakeArray();
  for (const json::Tree& item : *array) sorted->add(Sorted(item));
  return sorted;
}

}  // namespace

json::ObjectPtr WithSortedKeys(const json::ObjectPtr& object) {
  std::vector<std::string> names = object->getNames();
  std::sort(names.begin(), names.end());
  json::ObjectPtr sorted = json::MakeObject(names.size());
  for (const std::string& name : names) sorted->set(name, Sorted(object->get(name)));
  return sorted;
}

bool IsAsShown(const Record& record, const Resource& resource) {
  return !resource.strategy.to_version && (!resource.custom || record.revision > resource.defaults_since);
}

Result<json::ObjectPtr> ReadRecord(const Record& record, const Resource& resource) {
  auto object = json::ParseObject(record.text, kStoredDepth);
  if (!object) return Annotate(object.error(), record.key);
  if (const Version* version = VersionOf(record, resource);
      resource.custom && version && version->schema && record.revision <= resource.defaults_since) {
    version->schema->ApplyDefaults(*object);
  }
  return *object;
}

Answer<std::vector<RecordPtr>> Converted(std::vector<RecordPtr> records, const Resource& resource,
                                         const Version& version, VersionConverter* converter,
                                         const Cancellation* cancellation) {
  if (!resource.conversion_webhook || !converter) return records;
  const std::string wanted = resource.ApiVersion(version.name);
  std::vector<std::size_t> others;
  std::vector<json::ObjectPtr> objects;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (records[i]->meta.api_version == wanted) continue;
    auto object = ReadRecord(*records[i], resource);
    if (!object) return InternalError(object.error());
    others.push_back(i);
    objects.push_back(*object);
  }
  if (others.empty()) return records;
  CAPSTAN_ANSWER(objects, converter->Convert(resource, version, std::move(objects), cancellation));
  for (std::size_t i = 0; i < others.size(); ++i) {
    RecordPtr& record = records[others[i]];
    auto converted = std::make_shared<Record>();
    converted->text = json::ToText(InOrder(WithSortedKeys(objects[i])));
    auto meta = json::ScanMetadata(converted->text);
    if (!meta) return InternalError(meta.error());
    converted->meta = std::move(*meta);
    converted->key = record->key;
    // The webhook's answer has the defaults of the current schema.
    converted->revision = std::max(record->revision, resource.defaults_since + 1);
    record = std::move(converted);
  }
  return records;
}

Answer<RecordPtr> Converted(const RecordPtr& record, const Resource& resource, const Version& version,
                            VersionConverter* converter, const Cancellation* cancellation) {
  CAPSTAN_ANSWER(const std::vector<RecordPtr> records,
                 Converted(std::vector<RecordPtr>{record}, resource, version, converter, cancellation));
  return records.front();
}

std::string StoredText(json::ObjectPtr object, const Resource& resource, const std::string& marker) {
  object->set("apiVersion", resource.stored_api_version);
  object->set("kind", resource.kind);
  MetaOf(object)->set("resourceVersion", marker);
  return json::ToText(InOrder(object));
}

void ToVersion(json::ObjectPtr object, const Resource& resource, const Version& version) {
  if (resource.strategy.to_version) resource.strategy.to_version(object, version.name);
  object->set("apiVersion", resource.ApiVersion(version.name));
  DropUndescribed(object, resource, version);
}

void DropUndescribed(json::ObjectPtr object, const Resource& resource, const Version& version) {
  if (MayLack(resource, version)) version.schema->Prune(object);
}

void FromVersion(json::ObjectPtr object, const Resource& resource, const Version& version) {
  if (resource.strategy.from_version) resource.strategy.from_version(object, version.name);
  object->set("apiVersion", resource.stored_api_version);
  object->set("kind", resource.kind);
}

std::string TextInVersion(const Record& record, const Resource& resource, const Version& version) {
  std::string wanted = resource.ApiVersion(version.name);
  if (IsAsShown(record, resource) && !MayLack(resource, version)) {
    if (wanted == record.meta.api_version) return record.text;
    std::string stored = Opening(record.meta.api_version, record.meta.kind);
    if (record.text.compare(0, stored.size(), stored) == 0) {
      return Opening(wanted, resource.kind) + record.text.substr(stored.size());
    }
  }
  auto object = ReadRecord(record, resource);
  if (!object) return record.text;
  ToVersion(*object, resource, version);
  return json::ToText(*object);
}

std::string FieldValue(const Record& record, const std::string& field) {
  if (field == "metadata.name") return record.meta.name;
  if (field == "metadata.namespace") return record.meta.namespace_;
  // Field selectors of events use another name for one field.
  std::string path = field == "source"                ? "source.component"
                     : field == "reportingController" ? "reportingComponent"
                                                      : field;
  if (constexpr std::string_view kRegarding = "regarding."; path.rfind(kRegarding, 0) == 0)
    path = StrCat("involvedObject.", path.substr(kRegarding.size()));
  std::replace(path.begin(), path.end(), '.', '/');
  auto text = json::StringAt(record.text, "/" + path);
  if (text && *text) return **text;
  auto value = json::ValueAt(record.text, "/" + path);
  if (!value || !*value || **value == "null") return {};
  return **value;
}

}  // namespace capstan::apiserver
