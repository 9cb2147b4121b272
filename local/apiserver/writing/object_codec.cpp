#include <capstan/local/apiserver/writing/object_codec.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>

namespace capstan::apiserver {
namespace {

constexpr int kStoredDepth = 512;

// How a stored text begins.
std::string Opening(std::string_view api_version, std::string_view kind) {
  return StrCat("{\"apiVersion\":", json::Quote(api_version), ",\"kind\":", json::Quote(kind));
}

}  // namespace

bool IsAsShown(const Record& record, const Resource& resource) {
  return !resource.strategy.to_version && (!resource.custom || record.revision > resource.defaults_since);
}

Result<json::ObjectPtr> ReadRecord(const Record& record, const Resource& resource) {
  auto object = json::ParseObject(record.text, kStoredDepth);
  if (!object) return Annotate(object.error(), record.key);
  if (const Version* version = resource.Find(resource.storage_version);
      resource.custom && version && version->schema) {
    version->schema->ApplyDefaults(*object);
  }
  return *object;
}

std::string StoredText(json::ObjectPtr object, const Resource& resource, const std::string& marker) {
  json::ObjectPtr ordered = json::MakeObject(object->size());
  ordered->set("apiVersion", resource.stored_api_version);
  ordered->set("kind", resource.kind);
  MetaOf(object)->set("resourceVersion", marker);
  ordered->set("metadata", object->get("metadata"));
  for (const std::string& name : object->getNames()) {
    if (name != "apiVersion" && name != "kind" && name != "metadata") ordered->set(name, object->get(name));
  }
  return json::ToText(ordered);
}

void ToVersion(json::ObjectPtr object, const Resource& resource, const Version& version) {
  if (resource.strategy.to_version) resource.strategy.to_version(object, version.name);
  object->set("apiVersion", resource.ApiVersion(version.name));
}

void FromVersion(json::ObjectPtr object, const Resource& resource, const Version& version) {
  if (resource.strategy.from_version) resource.strategy.from_version(object, version.name);
  object->set("apiVersion", resource.stored_api_version);
  object->set("kind", resource.kind);
}

std::string TextInVersion(const Record& record, const Resource& resource, const Version& version) {
  std::string wanted = resource.ApiVersion(version.name);
  if (IsAsShown(record, resource)) {
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
  // Events call one field differently in selectors.
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
