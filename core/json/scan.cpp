#include <capstan/core/json/scan.hpp>

#include <vector>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/object_text.hpp>
#include <capstan/core/json/pointer.hpp>
#include <capstan/core/json/simdjson_text.hpp>

namespace capstan::json {
namespace {

using simdjson::dom::element;

constexpr int kDepth = kObjectDepth;

Failure Wrong(std::string_view field, std::string_view expected) {
  return Fail(Code::kDataLoss, StrCat("the object's ", field, " is not ", expected));
}

Status Read(element value, std::string_view field, std::string& into) {
  if (value.is_null()) return {};
  std::string_view text;
  if (value.get(text)) return Wrong(field, "a string");
  into = text;
  return {};
}

Status Read(element value, std::string_view field, std::int64_t& into) {
  if (!value.is_null() && value.get(into)) return Wrong(field, "an integer");
  return {};
}

Status Read(element value, std::string_view field, bool& into) {
  if (!value.is_null() && value.get(into)) return Wrong(field, "true or false");
  return {};
}

Status Read(element value, std::string_view field, std::vector<std::pair<std::string, std::string>>& into) {
  std::size_t count = 0;  // existing elements are overwritten to reuse their memory
  simdjson::dom::object fields;
  if (!value.is_null() && value.get(fields)) return Wrong(field, "an object of strings");
  if (!value.is_null()) {
    for (auto entry : fields) {
      std::string_view text;
      if (!entry.value.is_null() && entry.value.get(text))
        return Wrong(StrCat(field, ".", entry.key), "a string");
      if (count == into.size()) into.emplace_back();
      into[count].first = entry.key;
      into[count++].second = text;
    }
  }
  into.resize(count);
  return {};
}

Status Read(element value, std::string_view field, std::vector<std::string>& into) {
  into.clear();
  if (value.is_null()) return {};
  simdjson::dom::array items;
  if (value.get(items)) return Wrong(field, "an array of strings");
  for (auto item : items) CAPSTAN_RETURN_IF_ERROR(Read(item, field, into.emplace_back()));
  return {};
}

Status Read(element value, std::string_view field, std::vector<OwnerReference>& into) {
  into.clear();
  if (value.is_null()) return {};
  simdjson::dom::array items;
  if (value.get(items)) return Wrong(field, "an array of objects");
  for (auto item : items) {
    simdjson::dom::object fields;
    if (item.get(fields)) return Wrong(field, "an array of objects");
    OwnerReference& owner = into.emplace_back();
    for (auto [key, part] : fields) {
      if (key == "apiVersion") CAPSTAN_RETURN_IF_ERROR(Read(part, field, owner.api_version));
      if (key == "kind") CAPSTAN_RETURN_IF_ERROR(Read(part, field, owner.kind));
      if (key == "name") CAPSTAN_RETURN_IF_ERROR(Read(part, field, owner.name));
      if (key == "uid") CAPSTAN_RETURN_IF_ERROR(Read(part, field, owner.uid));
      if (key == "controller") CAPSTAN_RETURN_IF_ERROR(Read(part, field, owner.controller));
      if (key == "blockOwnerDeletion") CAPSTAN_RETURN_IF_ERROR(Read(part, field, owner.block_owner_deletion));
    }
  }
  return {};
}

Status ReadMetadataField(std::string_view key, element value, Metadata& into) {
  if (key == "name") return Read(value, "metadata.name", into.name);
  if (key == "namespace") return Read(value, "metadata.namespace", into.namespace_);
  if (key == "uid") return Read(value, "metadata.uid", into.uid);
  if (key == "resourceVersion") return Read(value, "metadata.resourceVersion", into.resource_version);
  if (key == "generateName") return Read(value, "metadata.generateName", into.generate_name);
  if (key == "generation") return Read(value, "metadata.generation", into.generation);
  if (key == "creationTimestamp") return Read(value, "metadata.creationTimestamp", into.creation_timestamp);
  if (key == "deletionTimestamp") return Read(value, "metadata.deletionTimestamp", into.deletion_timestamp);
  if (key == "labels") return Read(value, "metadata.labels", into.labels);
  if (key == "annotations") return Read(value, "metadata.annotations", into.annotations);
  if (key == "finalizers") return Read(value, "metadata.finalizers", into.finalizers);
  if (key == "ownerReferences") return Read(value, "metadata.ownerReferences", into.owners);
  return {};
}

// The value at a pointer in a parsed document, or nothing. If a key occurs twice, the last value
// wins, as in a tree.
std::optional<element> Walk(element at, const std::vector<std::string>& tokens) {
  for (const auto& token : tokens) {
    std::optional<element> next;
    if (simdjson::dom::object fields; !at.get(fields)) {
      for (auto field : fields) {
        if (field.key == token) next = field.value;
      }
    } else if (simdjson::dom::array items; !at.get(items)) {
      const auto index = ParseIndex(token);
      element item;
      if (index && !items.at(*index).get(item)) next = item;
    }
    if (!next) return std::nullopt;
    at = *next;
  }
  return at;
}

// Calls `use` with the element at the pointer, if there is one.
template <class T, class Use>
Result<std::optional<T>> At(std::string_view document, std::string_view pointer, Use use) {
  CAPSTAN_TRY(const auto tokens, ParsePointer(pointer));
  LentParser parser;
  element root;
  if (const auto error = ParseDom(*parser, document, kDepth, root); error) {
    return FailedText(error, Code::kInvalidArgument, "the document");
  }
  const auto found = Walk(root, tokens);
  if (!found) return std::optional<T>();
  return std::optional<T>(use(*found));
}

}  // namespace

Status ReadMetadata(element root, Metadata& into) {
  simdjson::dom::object fields;
  if (root.get(fields)) return Fail(Code::kDataLoss, "the text is JSON, but not an object");
  for (std::string* text :
       {&into.api_version, &into.kind, &into.name, &into.namespace_, &into.uid, &into.resource_version,
        &into.generate_name, &into.creation_timestamp, &into.deletion_timestamp})
    text->clear();
  into.generation = 0;
  into.finalizers.clear();
  into.owners.clear();
  bool found = false, labels = false, annotations = false;
  for (auto [key, value] : fields) {
    if (key == "apiVersion") CAPSTAN_RETURN_IF_ERROR(Read(value, "apiVersion", into.api_version));
    if (key == "kind") CAPSTAN_RETURN_IF_ERROR(Read(value, "kind", into.kind));
    if (key != "metadata") continue;
    simdjson::dom::object metadata;
    if (value.get(metadata)) return Wrong("metadata", "an object");
    for (auto [name, part] : metadata) {
      labels = labels || name == "labels";
      annotations = annotations || name == "annotations";
      CAPSTAN_RETURN_IF_ERROR(ReadMetadataField(name, part, into));
    }
    found = true;
  }
  if (!found) return Fail(Code::kDataLoss, "the object has no metadata");
  if (!labels) into.labels.clear();
  if (!annotations) into.annotations.clear();
  return {};
}

Result<Metadata> ScanMetadata(std::string_view object) {
  LentParser parser;
  element root;
  if (const auto error = ParseDom(*parser, object, kDepth, root); error) {
    return FailedText(error, Code::kDataLoss, "the object");
  }
  Metadata metadata;
  CAPSTAN_RETURN_IF_ERROR(ReadMetadata(root, metadata));
  return metadata;
}

Result<std::optional<std::string>> ValueAt(std::string_view document, std::string_view pointer) {
  return At<std::string>(document, pointer,
                         [](element value) { return std::optional<std::string>(simdjson::minify(value)); });
}

Result<std::optional<std::string>> StringAt(std::string_view document, std::string_view pointer) {
  return At<std::string>(document, pointer, [](element value) {
    std::string_view text;
    return value.get(text) ? std::nullopt : std::optional<std::string>(text);
  });
}

Result<std::optional<std::int64_t>> IntegerAt(std::string_view document, std::string_view pointer) {
  return At<std::int64_t>(document, pointer, [](element value) {
    std::int64_t number = 0;
    return value.get(number) ? std::nullopt : std::optional<std::int64_t>(number);
  });
}

Result<std::optional<bool>> BooleanAt(std::string_view document, std::string_view pointer) {
  return At<bool>(document, pointer, [](element value) {
    bool truth = false;
    return value.get(truth) ? std::nullopt : std::optional<bool>(truth);
  });
}

}  // namespace capstan::json
