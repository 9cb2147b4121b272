#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/cancellation.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/schema/compiled.hpp>
#include <capstan/local/apiserver/schema/node.hpp>

namespace capstan::apiserver {
namespace {

// Reads the keys of one node and reports those of the wrong type.
class NodeReader final {
 public:
  NodeReader(const Poco::JSON::Object& schema, const std::string& field, int depth,
             std::vector<FieldError>& problems, const Cancellation* cancellation)
      : schema_(schema), field_(field), depth_(depth), problems_(problems), cancellation_(cancellation) {}

  std::shared_ptr<SchemaNode> Read();

 private:
  const json::Tree* Value(const char* key) const {
    const json::Tree* value = Find(schema_, key);
    return value && KindOf(*value) != ValueKind::kNull ? value : nullptr;
  }
  const json::Tree* Typed(const char* key, ValueKind kind) {
    const json::Tree* value = Value(key);
    if (!value || KindOf(*value) == kind) return value;
    Wrong(key, *value, KindName(kind));
    return nullptr;
  }
  void Wrong(const std::string& key, const json::Tree& value, std::string_view wanted) {
    problems_.push_back({FieldErrorType::kTypeInvalid, StrCat(field_, ".", key),
                         std::string(KindName(KindOf(value))), StrCat("must be of type ", wanted)});
  }
  template <class T>  // std::string, or an optional one
  void Text(const char* key, T& out) {
    if (const auto* value = Typed(key, ValueKind::kString)) out = TextOf(*value);
  }
  template <class T>  // bool, or an optional one
  void Flag(const char* key, T& out) {
    if (const auto* value = Typed(key, ValueKind::kBoolean)) out = BooleanOf(*value);
  }
  void Number(const char* key, std::optional<double>& out) {
    const auto* value = Value(key);
    if (!value) return;
    const ValueKind kind = KindOf(*value);
    if (kind == ValueKind::kInteger || kind == ValueKind::kDouble) {
      out = NumberOf(*value);
    } else {
      Wrong(key, *value, "number");
    }
  }
  void Count(const char* key, std::optional<std::int64_t>& out) {
    if (const auto* value = Typed(key, ValueKind::kInteger)) out = IntegerOf(*value);
  }
  void Texts(const char* key, std::vector<std::string>& out);
  std::shared_ptr<SchemaNode> Child(const json::Tree& value, const std::string& field);
  void Children(const char* key, std::vector<std::shared_ptr<SchemaNode>>& out);
  void ReadLimits(SchemaNode& node);
  void ReadChildren(SchemaNode& node);
  void ReadExtensions(SchemaNode& node);
  void ReadRules(SchemaNode& node);

  const Poco::JSON::Object& schema_;
  const std::string& field_;
  int depth_;
  std::vector<FieldError>& problems_;
  const Cancellation* cancellation_;
};

void NodeReader::Texts(const char* key, std::vector<std::string>& out) {
  const auto* value = Typed(key, ValueKind::kArray);
  if (!value) return;
  for (const auto& item : *ArrayOf(*value)) {
    if (KindOf(item) == ValueKind::kString) {
      out.push_back(TextOf(item));
    } else {
      Wrong(StrCat(key, "[", out.size(), "]"), item, "string");
    }
  }
}

std::shared_ptr<SchemaNode> NodeReader::Child(const json::Tree& value, const std::string& field) {
  if (cancellation_ && cancellation_->RequestedSampled()) return std::make_shared<SchemaNode>();
  const auto* object = ObjectOf(value);
  if (!object) {
    problems_.push_back({FieldErrorType::kTypeInvalid, field, std::string(KindName(KindOf(value))),
                         "must be of type object"});
    return std::make_shared<SchemaNode>();
  }
  if (depth_ >= kMaxSchemaDepth) {
    problems_.push_back(
        ForbiddenField(field, StrCat("a schema may be nested at most ", kMaxSchemaDepth, " deep here")));
    return std::make_shared<SchemaNode>();
  }
  return NodeReader(*object, field, depth_ + 1, problems_, cancellation_).Read();
}

void NodeReader::Children(const char* key, std::vector<std::shared_ptr<SchemaNode>>& out) {
  const auto* value = Typed(key, ValueKind::kArray);
  if (!value) return;
  for (const auto& item : *ArrayOf(*value))
    out.push_back(Child(item, StrCat(field_, ".", key, "[", out.size(), "]")));
}

void NodeReader::ReadLimits(SchemaNode& node) {
  Number("minimum", node.minimum);
  Number("maximum", node.maximum);
  Number("multipleOf", node.multiple_of);
  Flag("exclusiveMinimum", node.exclusive_minimum);
  Flag("exclusiveMaximum", node.exclusive_maximum);
  Count("minLength", node.min_length);
  Count("maxLength", node.max_length);
  Count("minItems", node.min_items);
  Count("maxItems", node.max_items);
  Count("minProperties", node.min_properties);
  Count("maxProperties", node.max_properties);
  Flag("uniqueItems", node.unique_items);
  Text("pattern", node.pattern);
  if (const auto* value = Typed("enum", ValueKind::kArray)) {
    for (const auto& item : *ArrayOf(*value)) node.allowed.push_back(json::Clone(item));
    node.has_enum = !node.allowed.empty();
  }
}

void NodeReader::ReadChildren(SchemaNode& node) {
  if (const auto* value = Typed("properties", ValueKind::kObject)) {
    for (const auto& [name, child] : *ObjectOf(*value)) {
      node.properties[name] = Child(child, StrCat(field_, ".properties[", name, "]"));
    }
  }
  if (const auto* value = Value("additionalProperties")) {
    if (KindOf(*value) == ValueKind::kBoolean) {
      node.additional_allowed = BooleanOf(*value);
    } else {
      node.additional = Child(*value, field_ + ".additionalProperties");
    }
  }
  if (const auto* value = Value("items")) {
    if (KindOf(*value) == ValueKind::kArray) {
      node.items_is_list = true;
    } else {
      node.items = Child(*value, field_ + ".items");
    }
  }
  Texts("required", node.required);
  Children("allOf", node.all_of);
  Children("anyOf", node.any_of);
  Children("oneOf", node.one_of);
  if (const auto* value = Value("not")) node.negated = Child(*value, field_ + ".not");
}

void NodeReader::ReadExtensions(SchemaNode& node) {
  if (const auto* value = Typed("x-kubernetes-preserve-unknown-fields", ValueKind::kBoolean)) {
    node.preserve_unknown_fields_given = true;
    node.preserve_unknown_fields = BooleanOf(*value);
  }
  Flag("x-kubernetes-int-or-string", node.int_or_string);
  Flag("x-kubernetes-embedded-resource", node.embedded_resource);
  Text("x-kubernetes-list-type", node.list_type);
  Texts("x-kubernetes-list-map-keys", node.list_map_keys);
  Text("x-kubernetes-map-type", node.map_type);
  Text("x-kubernetes-patch-strategy", node.patch_strategy);
  Text("x-kubernetes-patch-merge-key", node.patch_merge_key);
  Text("$ref", node.definition);
  for (const char* key :
       {"id", "$ref", "additionalItems", "patternProperties", "definitions", "dependencies"}) {
    if (Value(key)) node.unsupported.emplace_back(key);
  }
}

void NodeReader::ReadRules(SchemaNode& node) {
  const auto* value = Typed("x-kubernetes-validations", ValueKind::kArray);
  if (!value) return;
  std::size_t index = 0;
  for (const auto& item : *ArrayOf(*value)) {
    const std::string field = StrCat(field_, ".x-kubernetes-validations[", index++, "]");
    SchemaRule rule;
    if (const auto* object = ObjectOf(item)) {
      NodeReader reader(*object, field, depth_, problems_, cancellation_);
      reader.Text("rule", rule.source);
      reader.Text("message", rule.message);
      reader.Text("messageExpression", rule.message_source);
      reader.Text("reason", rule.reason);
      reader.Text("fieldPath", rule.field_path);
      reader.Flag("optionalOldSelf", rule.optional_old_self);
    } else {
      Wrong(StrCat("x-kubernetes-validations[", index - 1, "]"), item, "object");
    }
    node.rules.push_back(std::move(rule));
  }
}

std::shared_ptr<SchemaNode> NodeReader::Read() {
  auto node = std::make_shared<SchemaNode>();
  Text("type", node->type);
  Text("format", node->format);
  Text("description", node->description);
  Text("title", node->title);
  Flag("nullable", node->nullable);
  if (const auto* value = Value("default")) {
    node->has_default = true;
    node->default_value = json::Clone(*value);
  }
  ReadLimits(*node);
  ReadChildren(*node);
  ReadExtensions(*node);
  ReadRules(*node);
  return node;
}

}  // namespace

std::shared_ptr<SchemaNode> ParseSchema(const json::ObjectPtr& schema, std::string_view field,
                                        std::vector<FieldError>& problems, const Cancellation* cancellation) {
  if (!schema) {
    problems.push_back(RequiredField(std::string(field), "schemas are required"));
    return std::make_shared<SchemaNode>();
  }
  const std::string path(field);
  return NodeReader(*schema, path, 1, problems, cancellation).Read();
}

std::string FieldPath(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "." + name;
}

}  // namespace capstan::apiserver
