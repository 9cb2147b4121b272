#include <capstan/local/apiserver/protobuf/protobuf.hpp>

#include <chrono>
#include <cstdint>

#include <capstan/core/base/text.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/protobuf/wire.hpp>

namespace capstan::apiserver {
namespace {

using Kind = BuiltinField::Kind;
using Repeat = BuiltinField::Repeat;

std::string EncodedMessage(const BuiltinType& type, const Poco::JSON::Object& object);

std::string Wrapped(std::string_view bytes) {
  WireWriter message;
  message.Text(1, bytes);
  return std::move(message).Take();
}

std::string EncodedTime(std::string_view text) {
  const auto time = ParseRfc3339(text);
  if (!time) return {};
  const auto since = std::chrono::duration_cast<std::chrono::nanoseconds>(time->time_since_epoch());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  WireWriter message;
  message.Varint(1, static_cast<std::uint64_t>(seconds.count()));
  message.Varint(2, static_cast<std::uint64_t>((since - seconds).count()));
  return std::move(message).Take();
}

std::string EncodedIntOrString(const json::Tree& value) {
  WireWriter message;
  const bool text = KindOf(value) == ValueKind::kString;
  message.Varint(1, text ? 1 : 0);
  message.Varint(2, text ? 0 : static_cast<std::uint64_t>(static_cast<std::int64_t>(NumberOf(value))));
  message.Text(3, text ? TextOf(value) : std::string());
  return std::move(message).Take();
}

std::string EncodedSchema(const BuiltinField& field, const json::Tree& value) {
  WireWriter message;
  if (const auto* schema = ObjectOf(value)) {
    if (field.kind == Kind::kSchemaOrBool) message.Varint(1, 1);
    message.Text(field.kind == Kind::kSchemaOrBool ? 2 : 1, EncodedMessage(*field.type, *schema));
  } else if (const auto* list = ArrayOf(value)) {
    for (const auto& item : *list) {
      if (const auto* one = ObjectOf(item)) message.Text(2, EncodedMessage(*field.type, *one));
      if (KindOf(item) == ValueKind::kString) message.Text(2, TextOf(item));
    }
  } else {
    message.Varint(1, KindOf(value) == ValueKind::kBoolean && BooleanOf(value) ? 1 : 0);
  }
  return std::move(message).Take();
}

std::string EncodedStrings(const json::Tree& value) {
  WireWriter list;
  if (const auto* array = ArrayOf(value)) {
    for (const auto& item : *array) {
      if (KindOf(item) == ValueKind::kString) list.Text(1, TextOf(item));
    }
  }
  return std::move(list).Take();
}

void EncodeText(WireWriter& out, std::uint32_t number, Kind kind, const std::string& text) {
  if (kind == Kind::kString) {
    out.Text(number, text);
  } else if (kind == Kind::kBytes) {
    std::string bytes;
    if (Base64Decode(text, bytes)) out.Text(number, bytes);
  } else {
    out.Text(number, EncodedTime(text));
  }
}

// Skips a value of the wrong type: stored values were validated when they were written.
void EncodeValue(WireWriter& out, std::uint32_t number, const BuiltinField& field, const json::Tree& value) {
  const ValueKind kind = KindOf(value);
  const bool is_number = kind == ValueKind::kInteger || kind == ValueKind::kDouble;
  switch (field.kind) {
    case Kind::kInt32:
    case Kind::kInt64:
      if (is_number) {
        out.Varint(number, static_cast<std::uint64_t>(kind == ValueKind::kInteger
                                                          ? IntegerOf(value)
                                                          : static_cast<std::int64_t>(NumberOf(value))));
      }
      return;
    case Kind::kBool:
      if (kind == ValueKind::kBoolean) out.Varint(number, BooleanOf(value) ? 1 : 0);
      return;
    case Kind::kNumber:
      if (is_number) out.Double(number, NumberOf(value));
      return;
    case Kind::kIntOrString:
      if (is_number || kind == ValueKind::kString) out.Text(number, EncodedIntOrString(value));
      return;
    case Kind::kQuantity:
      if (kind == ValueKind::kString) out.Text(number, Wrapped(TextOf(value)));
      if (is_number) out.Text(number, Wrapped(json::ToText(value)));
      return;
    case Kind::kFields:
    case Kind::kRaw:
    case Kind::kJson:
      return out.Text(number, Wrapped(json::ToText(value)));
    case Kind::kSchemaOrList:
    case Kind::kSchemaOrBool:
    case Kind::kSchemaOrStrings:
      return out.Text(number, EncodedSchema(field, value));
    case Kind::kStrings:
      return out.Text(number, EncodedStrings(value));
    case Kind::kMessage:
      if (const auto* object = ObjectOf(value)) out.Text(number, EncodedMessage(*field.type, *object));
      return;
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kTime:
    case Kind::kMicroTime:
      if (kind == ValueKind::kString) EncodeText(out, number, field.kind, TextOf(value));
      return;
  }
}

void EncodeMap(WireWriter& out, const BuiltinField& field, const json::Tree& value) {
  const auto* map = ObjectOf(value);
  if (!map) return;
  for (const auto& [key, item] : *map) {
    WireWriter entry;
    entry.Text(1, key);
    EncodeValue(entry, 2, field, item);
    out.Text(field.number, entry.bytes());
  }
}

std::string EncodedMessage(const BuiltinType& type, const Poco::JSON::Object& object) {
  WireWriter out;
  for (const BuiltinField& field : type.fields) {
    if (field.name.empty()) {
      out.Text(field.number, EncodedMessage(*field.type, object));
      continue;
    }
    const json::Tree* value = Find(object, std::string(field.name));
    if (!value || KindOf(*value) == ValueKind::kNull) continue;
    if (field.repeat == Repeat::kMap) {
      EncodeMap(out, field, *value);
    } else if (field.repeat == Repeat::kList) {
      const auto* list = ArrayOf(*value);
      for (std::size_t i = 0; list && i < list->size(); ++i)
        EncodeValue(out, field.number, field, list->get(static_cast<unsigned>(i)));
    } else {
      EncodeValue(out, field.number, field, *value);
    }
  }
  return std::move(out).Take();
}

std::string Enveloped(std::string_view api_version, std::string_view kind, std::string_view raw) {
  WireWriter meta;
  meta.Text(1, api_version);
  meta.Text(2, kind);
  WireWriter unknown;
  unknown.Text(1, meta.bytes());
  unknown.Text(2, raw);
  unknown.Text(3, "");
  unknown.Text(4, "");
  return StrCat(kMagic, unknown.bytes());
}

std::string MetadataAlone(const BuiltinTypes& types, const json::ObjectPtr& object) {
  const json::ObjectPtr metadata = json::ObjectIn(object, "metadata");
  WireWriter out;
  if (metadata) out.Text(1, EncodedMessage(types.Find("meta", "ObjectMeta"), *metadata));
  return std::move(out).Take();
}

}  // namespace

std::string EncodeProtobuf(const BuiltinTypes& types, const json::ObjectPtr& object) {
  const std::string version = json::StringIn(object, "apiVersion").value_or(""),
                    kind = json::StringIn(object, "kind").value_or("");
  const BuiltinType* type = types.FindKind(version, kind);
  return type ? Enveloped(version, kind, EncodedMessage(*type, *object)) : std::string();
}

std::string EncodePartialMetadata(const BuiltinTypes& types, const json::ObjectPtr& object) {
  return Enveloped(json::StringIn(object, "apiVersion").value_or(""),
                   json::StringIn(object, "kind").value_or(""), MetadataAlone(types, object));
}

ProtobufList::ProtobufList(const BuiltinTypes& types, const BuiltinType* item,
                           const json::ObjectPtr& metadata)
    : types_(types), item_(item) {
  WireWriter head;
  head.Text(1, EncodedMessage(types.Find("meta", "ListMeta"), *metadata));
  items_ = std::move(head).Take();
}

void ProtobufList::Add(const json::ObjectPtr& object) {
  WireWriter one;
  one.Text(2, item_ ? EncodedMessage(*item_, *object) : MetadataAlone(types_, object));
  items_ += one.bytes();
}

std::string ProtobufList::Finish(std::string_view api_version, std::string_view kind) && {
  return Enveloped(api_version, kind, items_);
}

std::string ProtobufWatchFrame(std::string_view event, std::string_view object) {
  WireWriter message;
  message.Text(1, event);
  message.Text(2, Wrapped(object));
  const auto size = static_cast<std::uint32_t>(message.bytes().size());
  std::string frame;
  for (int shift = 24; shift >= 0; shift -= 8)
    frame += static_cast<char>(size >> static_cast<unsigned>(shift) & 0xFFU);
  return frame + message.bytes();
}

}  // namespace capstan::apiserver
