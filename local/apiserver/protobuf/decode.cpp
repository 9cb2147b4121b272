#include <capstan/local/apiserver/protobuf/protobuf.hpp>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <optional>

#include <capstan/core/base/text.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/local/apiserver/protobuf/wire.hpp>

namespace capstan::apiserver {
namespace {

using Kind = BuiltinField::Kind;
using Repeat = BuiltinField::Repeat;

Failure Bad(std::string message) { return Fail(Code::kInvalidArgument, std::move(message)); }

struct Envelope {
  std::string api_version, kind;
  std::string_view raw;
};

Result<Envelope> OpenEnvelope(std::string_view body) {
  if (body.substr(0, kMagic.size()) != kMagic) {
    return Bad("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
  }
  Envelope envelope;
  WireReader reader(body.substr(kMagic.size()));
  while (const auto field = reader.Next()) {
    if (field->type != WireType::kBytes) continue;
    if (field->number == 2) envelope.raw = field->bytes;
    if (field->number == 3 && !field->bytes.empty()) return Bad("encoded protobuf bodies are not read here");
    if (field->number != 1) continue;
    WireReader meta(field->bytes);
    while (const auto part = meta.Next()) {
      if (part->type != WireType::kBytes) continue;
      if (part->number == 1) envelope.api_version = part->bytes;
      if (part->number == 2) envelope.kind = part->bytes;
    }
    if (meta.broken()) return Bad("unexpected EOF");
  }
  if (reader.broken()) return Bad("unexpected EOF");
  return envelope;
}

// Decodes messages; stops at the first error.
class Decoder final {
 public:
  Decoder(const BuiltinTypes& types, const ProtobufLimits& limits) : types_(types), limits_(limits) {}

  Status Message(std::string_view bytes, const BuiltinType& type, json::ObjectPtr into, int depth);
  Result<json::ObjectPtr> Body(std::string_view body, std::string_view version, std::string_view kind,
                               int depth);

 private:
  Status Charge(int depth) {
    if (depth > limits_.depth) return Bad(StrCat("exceeded max depth of ", limits_.depth));
    if (++values_ > limits_.values) return Bad(StrCat("more than ", limits_.values, " values in one body"));
    return {};
  }
  Status Field(const WireField& wire, const BuiltinField& field, json::ObjectPtr into, int depth);
  Status Entry(std::string_view bytes, const BuiltinField& field, json::ObjectPtr map, int depth);
  Status Packed(std::string_view bytes, const BuiltinField& field, json::ArrayPtr list, int depth);
  // An empty optional: Go would not write this value, so it is omitted.
  Result<std::optional<json::Tree>> Value(const WireField& wire, const BuiltinField& field, int depth);
  Result<std::optional<json::Tree>> Schema(std::string_view bytes, const BuiltinField& field, int depth);
  Result<std::optional<json::Tree>> Raw(std::string_view bytes, int depth);

  const BuiltinTypes& types_;
  const ProtobufLimits& limits_;
  std::size_t values_ = 0;
};

using Optional = std::optional<json::Tree>;

Result<Optional> Some(json::Tree tree) { return Result<Optional>(tl::in_place, std::move(tree)); }
Result<Optional> None() { return Result<Optional>(tl::in_place, std::nullopt); }

// The bytes of field `number` in a small message; empty when absent.
Result<std::string_view> Inner(std::string_view message, std::uint32_t number) {
  std::string_view found;
  WireReader reader(message);
  while (const auto field = reader.Next()) {
    if (field->number == number && field->type == WireType::kBytes) found = field->bytes;
  }
  if (reader.broken()) return Bad("unexpected EOF");
  return found;
}

Result<Optional> Time(std::string_view bytes, bool micro) {
  if (bytes.empty()) return None();  // Go's zero time
  std::int64_t seconds = 0, nanos = 0;
  WireReader reader(bytes);
  while (const auto field = reader.Next()) {
    if (field->number == 1) seconds = static_cast<std::int64_t>(field->value);
    if (field->number == 2) nanos = static_cast<std::int64_t>(field->value);
  }
  if (reader.broken()) return Bad("unexpected EOF");
  constexpr std::int64_t kMost = 9000000000;  // seconds: the range of int64 nanoseconds
  if (seconds < -kMost || seconds > kMost || nanos < 0 || nanos >= 1000000000) {
    return Bad("a time lies outside of the years 1685 to 2255");
  }
  const WallTime time{
      std::chrono::duration_cast<WallTime::duration>(std::chrono::seconds(seconds)) +
      std::chrono::duration_cast<WallTime::duration>(std::chrono::nanoseconds(micro ? nanos : 0))};
  return Some(micro ? FormatRfc3339Micro(time) : FormatRfc3339(time));
}

Result<Optional> IntOrString(std::string_view bytes) {
  std::uint64_t type = 0, number = 0;
  std::string_view text;
  WireReader reader(bytes);
  while (const auto field = reader.Next()) {
    if (field->number == 1) type = field->value;
    if (field->number == 2) number = field->value;
    if (field->number == 3) text = field->bytes;
  }
  if (reader.broken()) return Bad("unexpected EOF");
  if (type == 1) return Some(std::string(text));
  return Some(static_cast<std::int64_t>(static_cast<std::int32_t>(number)));
}

Result<json::Tree> ParsedJson(std::string_view text, int depth) {
  auto tree = json::ParseTree(text, depth);
  if (!tree) return Bad(StrCat("JSON inside of protobuf: ", tree.error().message));
  return tree;
}

Result<Optional> Strings(std::string_view bytes) {
  json::ArrayPtr list = json::MakeArray();
  WireReader reader(bytes);
  while (const auto field = reader.Next()) {
    if (field->number == 1 && field->type == WireType::kBytes) list->add(std::string(field->bytes));
  }
  if (reader.broken()) return Bad("unexpected EOF");
  return Some(list);
}

bool IsGoZero(const json::Tree& value) {
  if (value.isString()) return value.extract<std::string>().empty();
  if (value.isBoolean()) return !value.convert<bool>();
  return value.isNumeric() && value.convert<double>() == 0;
}

// Whether to omit the value as Go does: the zero value of a field that is not a pointer.
bool SaysNothing(const BuiltinField& field, const json::Tree& value) {
  if (field.pointer || field.required || field.always_written) return false;
  const bool scalar = field.kind == Kind::kString || field.kind == Kind::kInt32 ||
                      field.kind == Kind::kInt64 || field.kind == Kind::kBool ||
                      field.kind == Kind::kNumber || field.kind == Kind::kBytes;
  return scalar && IsGoZero(value);
}

Result<Optional> Decoder::Raw(std::string_view bytes, int depth) {
  CAPSTAN_TRY(const std::string_view raw, Inner(bytes, 1));
  if (raw.empty()) return None();
  if (raw.substr(0, kMagic.size()) == kMagic) {
    CAPSTAN_TRY(json::ObjectPtr object, Body(raw, "", "", depth + 1));
    return Some(object);
  }
  values_ += raw.size() / 16;  // a lower bound for the size of parsed values
  CAPSTAN_RETURN_IF_ERROR(Charge(depth));
  CAPSTAN_TRY(const json::Tree tree, ParsedJson(raw, std::max(1, limits_.depth - depth)));
  return Some(tree);
}

Result<Optional> Decoder::Schema(std::string_view bytes, const BuiltinField& field, int depth) {
  json::ArrayPtr list = json::MakeArray();
  json::ObjectPtr schema;
  bool allows = false;
  WireReader reader(bytes);
  while (const auto part = reader.Next()) {
    const bool is_schema =
        part->type == WireType::kBytes && part->number == (field.kind == Kind::kSchemaOrBool ? 2U : 1U);
    if (field.kind == Kind::kSchemaOrBool && part->number == 1) allows = part->value != 0;
    if (is_schema) {
      schema = json::MakeObject();
      CAPSTAN_RETURN_IF_ERROR(Message(part->bytes, *field.type, schema, depth + 1));
    } else if (part->type == WireType::kBytes && part->number == 2) {
      if (field.kind == Kind::kSchemaOrStrings) {
        CAPSTAN_RETURN_IF_ERROR(Charge(depth));
        list->add(std::string(part->bytes));
      } else {
        json::ObjectPtr one = json::MakeObject();
        CAPSTAN_RETURN_IF_ERROR(Message(part->bytes, *field.type, one, depth + 1));
        list->add(one);
      }
    }
  }
  if (reader.broken()) return Bad("unexpected EOF");
  if (schema) return Some(schema);
  if (field.kind == Kind::kSchemaOrBool) return Some(allows);
  return Some(list);
}

Result<Optional> Decoder::Value(const WireField& wire, const BuiltinField& field, int depth) {
  CAPSTAN_RETURN_IF_ERROR(Charge(depth));
  const bool number = field.kind == Kind::kInt32 || field.kind == Kind::kInt64 || field.kind == Kind::kBool;
  const WireType expected = number                        ? WireType::kVarint
                            : field.kind == Kind::kNumber ? WireType::kFixed64
                                                          : WireType::kBytes;
  if (wire.type != expected) {
    return Bad(StrCat("wrong wireType = ", static_cast<int>(wire.type), " for field ", field.name));
  }
  switch (field.kind) {
    case Kind::kString:
      return Some(std::string(wire.bytes));
    case Kind::kInt32:
      return Some(static_cast<std::int64_t>(static_cast<std::int32_t>(wire.value)));
    case Kind::kInt64:
      return Some(static_cast<std::int64_t>(wire.value));
    case Kind::kBool:
      return Some(wire.value != 0);
    case Kind::kNumber: {
      double value = 0;
      std::memcpy(&value, &wire.value, sizeof value);
      if (value != value || value - value != 0) return Bad("a number is none that JSON has");
      return Some(value);
    }
    case Kind::kBytes:
      return Some(Base64Encode(wire.bytes));
    case Kind::kTime:
      return Time(wire.bytes, false);
    case Kind::kMicroTime:
      return Time(wire.bytes, true);
    case Kind::kQuantity: {
      CAPSTAN_TRY(const std::string_view text, Inner(wire.bytes, 1));
      return Some(std::string(text));
    }
    case Kind::kIntOrString:
      return IntOrString(wire.bytes);
    case Kind::kFields:
    case Kind::kRaw:
    case Kind::kJson:
      return Raw(wire.bytes, depth);
    case Kind::kStrings:
      values_ += wire.bytes.size() / 2;
      return Strings(wire.bytes);
    case Kind::kSchemaOrList:
    case Kind::kSchemaOrBool:
    case Kind::kSchemaOrStrings:
      return Schema(wire.bytes, field, depth);
    case Kind::kMessage:
      break;
  }
  json::ObjectPtr object = json::MakeObject();
  CAPSTAN_RETURN_IF_ERROR(Message(wire.bytes, *field.type, object, depth + 1));
  return Some(object);
}

// A map is encoded as a list of pairs: key 1, value 2.
Status Decoder::Entry(std::string_view bytes, const BuiltinField& field, json::ObjectPtr map, int depth) {
  std::string key;
  WireField value;
  value.type = field.kind == Kind::kInt32 || field.kind == Kind::kInt64 || field.kind == Kind::kBool
                   ? WireType::kVarint
                   : WireType::kBytes;
  WireReader reader(bytes);
  while (const auto part = reader.Next()) {
    if (part->number == 1) key = part->bytes;
    if (part->number == 2) value = *part;
  }
  if (reader.broken()) return Bad("unexpected EOF");
  CAPSTAN_TRY(const Optional read, Value(value, field, depth));
  map->set(key, read.value_or(json::Tree()));
  return {};
}

Status Decoder::Packed(std::string_view bytes, const BuiltinField& field, json::ArrayPtr list, int depth) {
  while (!bytes.empty()) {
    WireField one;
    const auto value = TakeVarint(bytes);
    if (!value) return Bad("unexpected EOF");
    one.value = *value;
    CAPSTAN_TRY(const Optional read, Value(one, field, depth));
    list->add(*read);
  }
  return {};
}

Status Decoder::Field(const WireField& wire, const BuiltinField& field, json::ObjectPtr into, int depth) {
  if (field.name.empty()) return Message(wire.bytes, *field.type, into, depth + 1);
  const std::string name(field.name);
  if (field.repeat == Repeat::kMap) {
    if (wire.type != WireType::kBytes) return Bad(StrCat("wrong wireType for field ", name));
    json::ObjectPtr map = json::ObjectIn(into, name);
    if (!map) {
      map = json::MakeObject();
      into->set(name, map);
    }
    return Entry(wire.bytes, field, map, depth + 1);
  }
  if (field.repeat == Repeat::kOne) {
    CAPSTAN_TRY(const Optional value, Value(wire, field, depth + 1));
    if (value && !SaysNothing(field, *value)) into->set(name, *value);
    return {};
  }
  json::ArrayPtr list = json::ArrayIn(into, name);
  if (!list) {
    list = json::MakeArray();
    into->set(name, list);
  }
  const bool number = field.kind == Kind::kInt32 || field.kind == Kind::kInt64 || field.kind == Kind::kBool;
  if (number && wire.type == WireType::kBytes) return Packed(wire.bytes, field, list, depth + 1);
  CAPSTAN_TRY(const Optional value, Value(wire, field, depth + 1));
  list->add(value.value_or(json::Tree()));
  return {};
}

Status Decoder::Message(std::string_view bytes, const BuiltinType& type, json::ObjectPtr into, int depth) {
  CAPSTAN_RETURN_IF_ERROR(Charge(depth));
  WireReader reader(bytes);
  while (const auto wire = reader.Next()) {
    const BuiltinField* field = type.ByNumber(wire->number);
    if (field) CAPSTAN_RETURN_IF_ERROR(Field(*wire, *field, into, depth));
  }
  if (reader.broken()) return Bad("unexpected EOF");
  return {};
}

Result<json::ObjectPtr> Decoder::Body(std::string_view body, std::string_view version, std::string_view kind,
                                      int depth) {
  CAPSTAN_TRY(Envelope envelope, OpenEnvelope(body));
  if (envelope.api_version.empty()) envelope.api_version = version;
  if (envelope.kind.empty()) envelope.kind = kind;
  const BuiltinType* type = types_.FindKind(envelope.api_version, envelope.kind);
  // DeleteOptions are the same in every group.
  if (!type && envelope.kind == "DeleteOptions") type = types_.FindKind("v1", "DeleteOptions");
  if (!type) {
    return Bad(StrCat("no kind \"", envelope.kind, "\" is registered for version \"", envelope.api_version,
                      "\" here"));
  }
  json::ObjectPtr object = json::MakeObject();
  object->set("apiVersion", envelope.api_version);
  object->set("kind", envelope.kind);
  CAPSTAN_RETURN_IF_ERROR(Message(envelope.raw, *type, object, depth));
  return object;
}

}  // namespace

Result<json::ObjectPtr> DecodeProtobuf(const BuiltinTypes& types, std::string_view body,
                                       std::string_view expected_version, std::string_view expected_kind,
                                       const ProtobufLimits& limits) {
  return Decoder(types, limits).Body(body, expected_version, expected_kind, 1);
}

}  // namespace capstan::apiserver
