#include <capstan/local/apiserver/openapi/protobuf.hpp>

#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>

#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/protobuf/wire.hpp>

namespace capstan::apiserver {
namespace {

// Field numbers are those of openapi.v2.
using Message = WireWriter;

void Sub(Message& message, std::uint32_t field, const Message& part) { message.Text(field, part.bytes()); }
void Flag(Message& message, std::uint32_t field, bool value) {
  if (value) message.Varint(field, 1);
}
void Whole(Message& message, std::uint32_t field, std::int64_t value) {
  message.Varint(field, static_cast<std::uint64_t>(value));
}

using json::ObjectPtr;

void TextField(Message& message, std::uint32_t field, const ObjectPtr& object, std::string_view key) {
  if (const auto text = json::StringIn(object, key)) message.Text(field, *text);
}
void FlagField(Message& message, std::uint32_t field, const ObjectPtr& object, std::string_view key) {
  Flag(message, field, json::BooleanIn(object, key).value_or(false));
}
void WholeField(Message& message, std::uint32_t field, const ObjectPtr& object, std::string_view key) {
  if (const auto number = json::IntegerIn(object, key)) Whole(message, field, *number);
}
void RealField(Message& message, std::uint32_t field, const ObjectPtr& object, std::string_view key) {
  if (const auto number = json::NumberIn(object, key)) message.Double(field, *number);
}
void TextsField(Message& message, std::uint32_t field, const ObjectPtr& object, std::string_view key) {
  for (const auto& text : json::StringsIn(object, key)) message.Text(field, text);
}

// openapi.v2.Any contains YAML, and JSON is valid YAML.
Message Any(const json::Tree& value) {
  Message any;
  any.Text(2, json::ToText(value));
  return any;
}

void Extensions(Message& message, std::uint32_t field, const ObjectPtr& object) {
  for (const auto& key : object->getNames()) {
    if (key.rfind("x-", 0) != 0) continue;
    Message named;
    named.Text(1, key);
    Sub(named, 2, Any(object->get(key)));
    Sub(message, field, named);
  }
}

// A map as gnostic encodes it: entries of name and value.
void NamedEntries(Message& message, std::uint32_t field, const ObjectPtr& map,
                  const std::function<Message(const ObjectPtr&)>& encode) {
  for (const auto& key : map->getNames()) {
    const ObjectPtr value = json::ObjectIn(map, key);
    if (!value) continue;
    Message named;
    named.Text(1, key);
    Sub(named, 2, encode(value));
    Sub(message, field, named);
  }
}

Message Schema(const ObjectPtr& schema);

void SchemaLimits(Message& message, const ObjectPtr& schema) {
  RealField(message, 6, schema, "multipleOf");
  RealField(message, 7, schema, "maximum");
  FlagField(message, 8, schema, "exclusiveMaximum");
  RealField(message, 9, schema, "minimum");
  FlagField(message, 10, schema, "exclusiveMinimum");
  WholeField(message, 11, schema, "maxLength");
  WholeField(message, 12, schema, "minLength");
  TextField(message, 13, schema, "pattern");
  WholeField(message, 14, schema, "maxItems");
  WholeField(message, 15, schema, "minItems");
  FlagField(message, 16, schema, "uniqueItems");
  WholeField(message, 17, schema, "maxProperties");
  WholeField(message, 18, schema, "minProperties");
}

void SchemaChildren(Message& message, const ObjectPtr& schema) {
  if (const ObjectPtr additional = json::ObjectIn(schema, "additionalProperties")) {
    Message item;
    Sub(item, 1, Schema(additional));
    Sub(message, 21, item);
  } else if (const auto allowed = json::BooleanIn(schema, "additionalProperties")) {
    Message item;
    Flag(item, 2, *allowed);
    Sub(message, 21, item);
  }
  if (const auto type = json::StringIn(schema, "type")) {
    Message item;
    item.Text(1, *type);
    Sub(message, 22, item);
  }
  if (const ObjectPtr items = json::ObjectIn(schema, "items")) {
    Message item;
    Sub(item, 1, Schema(items));
    Sub(message, 23, item);
  }
  if (const ObjectPtr properties = json::ObjectIn(schema, "properties")) {
    Message item;
    NamedEntries(item, 1, properties, Schema);
    Sub(message, 25, item);
  }
}

Message Schema(const ObjectPtr& schema) {
  Message message;
  TextField(message, 1, schema, "$ref");
  TextField(message, 2, schema, "format");
  TextField(message, 3, schema, "title");
  TextField(message, 4, schema, "description");
  if (schema->has("default")) Sub(message, 5, Any(schema->get("default")));
  SchemaLimits(message, schema);
  TextsField(message, 19, schema, "required");
  const json::ArrayPtr allowed = json::ArrayIn(schema, "enum");
  for (unsigned int i = 0; allowed && i < allowed->size(); ++i) Sub(message, 20, Any(allowed->get(i)));
  SchemaChildren(message, schema);
  Extensions(message, 31, schema);
  return message;
}

// A query or path parameter; both have the same fields under different numbers.
Message NonBody(const ObjectPtr& parameter, bool in_path) {
  Message inner;
  FlagField(inner, 1, parameter, "required");
  TextField(inner, 2, parameter, "in");
  TextField(inner, 3, parameter, "description");
  TextField(inner, 4, parameter, "name");
  TextField(inner, in_path ? 5 : 6, parameter, "type");
  FlagField(inner, in_path ? 19 : 20, parameter, "uniqueItems");
  Message outer;
  Sub(outer, in_path ? 4 : 3, inner);
  return outer;
}

void Parameters(Message& message, std::uint32_t field, const ObjectPtr& owner) {
  const json::ArrayPtr parameters = json::ArrayIn(owner, "parameters");
  for (unsigned int i = 0; parameters && i < parameters->size(); ++i) {
    const ObjectPtr parameter = json::AsObject(parameters->get(i));
    const std::string in = json::StringIn(parameter, "in").value_or("");
    Message choice;
    if (in == "body") {
      Message body;
      TextField(body, 2, parameter, "name");
      TextField(body, 3, parameter, "in");
      FlagField(body, 4, parameter, "required");
      if (const ObjectPtr schema = json::ObjectIn(parameter, "schema")) Sub(body, 5, Schema(schema));
      Sub(choice, 1, body);
    } else {
      Sub(choice, 2, NonBody(parameter, in == "path"));
    }
    Message item;
    Sub(item, 1, choice);
    Sub(message, field, item);
  }
}

Message ResponseValue(const ObjectPtr& response) {
  Message inner;
  TextField(inner, 1, response, "description");
  if (const ObjectPtr schema = json::ObjectIn(response, "schema")) {
    Message item;
    Sub(item, 1, Schema(schema));
    Sub(inner, 2, item);
  }
  Message value;
  Sub(value, 1, inner);
  return value;
}

Message Operation(const ObjectPtr& operation) {
  Message message;
  TextsField(message, 1, operation, "tags");
  TextField(message, 3, operation, "description");
  TextField(message, 5, operation, "operationId");
  TextsField(message, 6, operation, "produces");
  TextsField(message, 7, operation, "consumes");
  Parameters(message, 8, operation);
  if (const ObjectPtr responses = json::ObjectIn(operation, "responses")) {
    Message item;
    NamedEntries(item, 1, responses, ResponseValue);
    Sub(message, 9, item);
  }
  Extensions(message, 13, operation);
  return message;
}

Message PathItem(const ObjectPtr& item) {
  Message message;
  constexpr std::pair<const char*, std::uint32_t> kMethods[] = {
      {"get", 2}, {"put", 3}, {"post", 4}, {"delete", 5}, {"patch", 8}};
  for (const auto& [method, field] : kMethods) {
    if (const ObjectPtr operation = json::ObjectIn(item, method)) Sub(message, field, Operation(operation));
  }
  Parameters(message, 9, item);
  return message;
}

}  // namespace

std::string EncodeOpenApiV2(const ObjectPtr& document) {
  Message message;
  TextField(message, 1, document, "swagger");
  if (const ObjectPtr given = json::ObjectIn(document, "info")) {
    Message info;
    TextField(info, 1, given, "title");
    TextField(info, 2, given, "version");
    Sub(message, 2, info);
  }
  if (const ObjectPtr given = json::ObjectIn(document, "paths")) {
    Message paths;
    NamedEntries(paths, 2, given, PathItem);
    Sub(message, 8, paths);
  }
  if (const ObjectPtr given = json::ObjectIn(document, "definitions")) {
    Message definitions;
    NamedEntries(definitions, 1, given, Schema);
    Sub(message, 9, definitions);
  }
  return std::move(message).Take();
}

}  // namespace capstan::apiserver
