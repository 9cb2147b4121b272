#include <capstan/local/apiserver/requests/content_protobuf.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <capstan/core/base/text.hpp>

namespace capstan::apiserver {
namespace {

constexpr std::string_view kMagic{"k8s\0", 4};

// One field of a message: its number and bytes; numbers and fixed fields have none.
struct WireField {
  std::uint64_t number = 0;
  std::string_view bytes;
};

std::optional<std::uint64_t> TakeVarint(std::string_view& rest) {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64 && !rest.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

// Nothing when the message is cut or of a form that Kubernetes does not use.
std::optional<std::vector<WireField>> FieldsOf(std::string_view rest) {
  std::vector<WireField> fields;
  while (!rest.empty()) {
    const auto key = TakeVarint(rest);
    if (!key) return std::nullopt;
    WireField field{*key >> 3, {}};
    std::uint64_t skip = 0;
    switch (*key & 7) {
      case 0:
        if (!TakeVarint(rest)) return std::nullopt;
        break;
      case 1:
        skip = 8;
        break;
      case 5:
        skip = 4;
        break;
      case 2: {
        const auto size = TakeVarint(rest);
        if (!size || *size > rest.size()) return std::nullopt;
        field.bytes = rest.substr(0, static_cast<std::size_t>(*size));
        skip = *size;
        break;
      }
      default:
        return std::nullopt;
    }
    if (skip > rest.size()) return std::nullopt;
    rest.remove_prefix(static_cast<std::size_t>(skip));
    fields.push_back(field);
  }
  return fields;
}

Failure Malformed() {
  return Fail(Code::kInvalidArgument, "the body is not a binding in Kubernetes' protobuf form");
}

// Texts by their field numbers: names[1] is the name of field 1.
Result<json::ObjectPtr> Texts(std::string_view message, const std::vector<const char*>& names) {
  const auto fields = FieldsOf(message);
  if (!fields) return Malformed();
  json::ObjectPtr object = json::MakeObject();
  for (const WireField& field : *fields) {
    const char* name = field.number < names.size() ? names[static_cast<std::size_t>(field.number)] : nullptr;
    if (name != nullptr && !IsUtf8(field.bytes)) return Malformed();
    if (name != nullptr && !field.bytes.empty()) object->set(name, std::string(field.bytes));
  }
  return object;
}

Result<json::ObjectPtr> Metadata(std::string_view message) {
  CAPSTAN_TRY(json::ObjectPtr metadata, Texts(message, {nullptr, "name", "generateName", "namespace", nullptr,
                                                        "uid", "resourceVersion"}));
  const auto fields = FieldsOf(message);
  for (const WireField& field : *fields) {
    const char* map = field.number == 11 ? "labels" : field.number == 12 ? "annotations" : nullptr;
    if (map == nullptr) continue;
    CAPSTAN_TRY(const json::ObjectPtr entry, Texts(field.bytes, {nullptr, "key", "value"}));
    json::ObjectPtr target = json::ObjectIn(metadata, map);
    if (!target) target = json::MakeObject();
    target->set(json::StringIn(entry, "key").value_or(""), json::StringIn(entry, "value").value_or(""));
    metadata->set(map, target);
  }
  return metadata;
}

}  // namespace

bool IsReadAsProtobuf(std::string_view kind) { return kind == "RoleBinding" || kind == "ClusterRoleBinding"; }

Result<json::ObjectPtr> DecodeBinding(std::string_view body) {
  if (body.substr(0, kMagic.size()) != kMagic) return Malformed();
  const auto envelope = FieldsOf(body.substr(kMagic.size()));
  if (!envelope) return Malformed();
  json::ObjectPtr object;
  std::string_view raw;
  for (const WireField& field : *envelope) {
    if (field.number == 1) {
      CAPSTAN_TRY(object, Texts(field.bytes, {nullptr, "apiVersion", "kind"}));
    }
    if (field.number == 2) raw = field.bytes;
  }
  const auto fields = FieldsOf(raw);
  if (!object || !fields) return Malformed();
  json::ArrayPtr subjects = json::MakeArray();
  for (const WireField& field : *fields) {
    if (field.number == 1) {
      CAPSTAN_TRY(const json::ObjectPtr metadata, Metadata(field.bytes));
      object->set("metadata", metadata);
    } else if (field.number == 2) {
      CAPSTAN_TRY(const json::ObjectPtr subject,
                  Texts(field.bytes, {nullptr, "kind", "apiGroup", "name", "namespace"}));
      subjects->add(subject);
    } else if (field.number == 3) {
      CAPSTAN_TRY(const json::ObjectPtr role, Texts(field.bytes, {nullptr, "apiGroup", "kind", "name"}));
      object->set("roleRef", role);
    }
  }
  if (subjects->size() > 0) object->set("subjects", subjects);
  return object;
}

}  // namespace capstan::apiserver
