#include <capstan/local/apiserver/schema/builtin.hpp>

#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/schema/builtin_table.hpp>
#include <capstan/local/apiserver/schema/node.hpp>

namespace capstan::apiserver {
namespace {

using Definitions = std::map<std::string, json::ObjectPtr, std::less<>>;

json::ObjectPtr Typed(const char* type, const char* format = nullptr) {
  json::ObjectPtr schema = json::MakeObject();
  schema->set("type", std::string(type));
  if (format) schema->set("format", std::string(format));
  return schema;
}

// Reads the table into definitions; see builtin_table.hpp for its form.
class TableReader final {
 public:
  TableReader(Definitions& definitions, std::map<std::string, std::string, std::less<>>& kinds)
      : definitions_(definitions), kinds_(kinds) {}

  void Read(const std::vector<std::string_view>& parts) {
    for (const auto part : parts) NameAll(part);
    for (const auto part : parts) {
      for (const auto& line : Split(part, '\n')) ReadLine(line);
    }
  }

 private:
  static std::vector<std::string> Words(std::string_view text) {
    std::vector<std::string> words;
    for (auto& word : Split(text, ' ')) {
      if (!word.empty()) words.push_back(std::move(word));
    }
    return words;
  }
  // Short names first, so that a definition may name one that comes later.
  void NameAll(std::string_view part) {
    for (const auto& line : Split(part, '\n')) {
      if (line.rfind("== ", 0) != 0) continue;
      const auto words = Words(line.substr(0, line.find(" : ")));
      names_.emplace(words[1], words[2] + "." + words[1]);
    }
  }
  void ReadLine(const std::string& line) {
    if (line.empty()) return;
    const std::size_t colon = line.find(" : ");
    const std::string description = colon == std::string::npos ? "" : line.substr(colon + 3);
    const auto words = Words(line.substr(0, colon));
    if (words.front() == "==") {
      StartDefinition(words, description);
    } else {
      AddField(words, description);
    }
  }
  void StartDefinition(const std::vector<std::string>& words, const std::string& description);
  void AddField(const std::vector<std::string>& words, const std::string& description);
  json::ObjectPtr TypeOf(std::string_view type) const;
  static void AddOption(json::ObjectPtr schema, const std::string& option);

  Definitions& definitions_;
  std::map<std::string, std::string, std::less<>>& kinds_;
  std::map<std::string, std::string, std::less<>> names_;
  json::ObjectPtr definition_;
};

void TableReader::StartDefinition(const std::vector<std::string>& words, const std::string& description) {
  const std::string name = words[2] + "." + words[1];
  definition_ = Typed("object");
  definition_->set("description", description);
  definitions_[name] = definition_;
  for (std::size_t i = 3; i < words.size(); ++i) {
    if (words[i] == "atomic") {
      definition_->set("x-kubernetes-map-type", words[i]);
    } else if (words[i] == "open") {
      definition_->set("x-kubernetes-preserve-unknown-fields", true);
    } else {
      const std::string group_version = words[i].front() == '/' ? words[i].substr(1) : words[i];
      kinds_[(words[i].front() == '/' ? "/" : "") + group_version + "/" + words[1]] = name;
      AddField({"apiVersion", "string"}, "The version of the API that this object is written in.");
      AddField({"kind", "string"}, "What this object is.");
      AddField({"metadata", "@ObjectMeta"}, "Its name, its marks and its history.");
    }
  }
}

json::ObjectPtr TableReader::TypeOf(std::string_view type) const {
  if (type == "string") return Typed("string");
  if (type == "int32" || type == "int64") return Typed("integer", std::string(type).c_str());
  if (type == "bool") return Typed("boolean");
  if (type == "number") return Typed("number", "double");
  if (type == "time" || type == "microtime") return Typed("string", "date-time");
  if (type == "bytes") return Typed("string", "byte");
  if (type == "quantity") return Typed("string", "quantity");
  if (type == "intstr") return Typed("string", "int-or-string");
  json::ObjectPtr schema = json::MakeObject();
  if (type.front() == '@') {
    schema->set("$ref", names_.at(std::string(type.substr(1))));
  } else if (type.rfind("list<", 0) == 0) {
    schema->set("type", std::string("array"));
    schema->set("items", TypeOf(type.substr(5, type.size() - 6)));
  } else if (type.rfind("map<", 0) == 0) {
    schema->set("type", std::string("object"));
    schema->set("additionalProperties", TypeOf(type.substr(4, type.size() - 5)));
  } else {
    if (type == "object") schema->set("type", std::string("object"));
    schema->set("x-kubernetes-preserve-unknown-fields", true);
  }
  return schema;
}

void TableReader::AddOption(json::ObjectPtr schema, const std::string& option) {
  const std::size_t equals = option.find('=');
  const std::string name = option.substr(0, equals);
  const std::string value = equals == std::string::npos ? "" : option.substr(equals + 1);
  const bool is_list = json::StringIn(schema, "type") == "array";
  if (name == "set" || (name == "atomic" && is_list)) {
    schema->set("x-kubernetes-list-type", name);
  } else if (name == "atomic") {
    schema->set("x-kubernetes-map-type", name);
  } else if (name == "keys") {
    schema->set("x-kubernetes-list-type", std::string("map"));
    json::ArrayPtr keys = json::MakeArray();
    for (const auto& key : Split(value, ',')) keys->add(key);
    schema->set("x-kubernetes-list-map-keys", keys);
  } else if (name == "merge") {
    const auto parts = Split(value, ',');
    if (!parts.front().empty()) schema->set("x-kubernetes-patch-merge-key", parts.front());
    schema->set("x-kubernetes-patch-strategy", std::string(parts.size() > 1 ? "merge,retainKeys" : "merge"));
  } else if (name == "retain") {
    schema->set("x-kubernetes-patch-strategy", std::string("retainKeys"));
  } else if (name == "default") {
    schema->set("default", value.substr(1, value.size() - 2));
  }
}

void TableReader::AddField(const std::vector<std::string>& words, const std::string& description) {
  std::string name = words[0];
  if (name.back() == '!') {
    name.pop_back();
    json::ArrayPtr required = json::ArrayIn(definition_, "required");
    if (!required) required = json::MakeArray();
    required->add(name);
    definition_->set("required", required);
  }
  json::ObjectPtr schema = TypeOf(words[1]);
  if (!description.empty()) schema->set("description", description);
  for (std::size_t i = 2; i < words.size(); ++i) AddOption(schema, words[i]);
  json::ObjectPtr properties = json::ObjectIn(definition_, "properties");
  if (!properties) properties = json::MakeObject();
  properties->set(name, schema);
  definition_->set("properties", properties);
}

// Turns definitions into schema nodes. What is named in several places is made once and its parts
// are shared.
class Linker final {
 public:
  explicit Linker(const Definitions& definitions) : definitions_(definitions) {}

  std::shared_ptr<SchemaNode> Definition(const std::string& name) {
    if (const auto found = made_.find(name); found != made_.end()) return found->second;
    std::vector<FieldError> problems;  // none: the table is a constant, and a test reads all of it
    std::shared_ptr<SchemaNode> node = ParseSchema(definitions_.at(name), name, problems);
    LinkParts(*node);
    node->definition = name;
    made_[name] = node;
    return node;
  }

 private:
  void LinkParts(SchemaNode& node) {
    for (auto& property : node.properties) Link(property.second);
    if (node.items) Link(node.items);
    if (node.additional) Link(node.additional);
  }
  // A $ref becomes a copy of what it names, with the description and options of the place that
  // names it.
  void Link(std::shared_ptr<SchemaNode>& node) {
    if (node->definition.empty()) {
      LinkParts(*node);
      return;
    }
    auto copy = std::make_shared<SchemaNode>(*Definition(node->definition));
    if (!node->description.empty()) copy->description = node->description;
    if (!node->map_type.empty()) copy->map_type = node->map_type;
    if (!node->patch_strategy.empty()) copy->patch_strategy = node->patch_strategy;
    node = std::move(copy);
  }

  const Definitions& definitions_;
  std::map<std::string, std::shared_ptr<SchemaNode>> made_;
};

std::string KeyOf(std::string_view group, std::string_view version, std::string_view kind) {
  return StrCat(group, "/", version, "/", kind);
}

}  // namespace

std::shared_ptr<const BuiltinSchemas> BuiltinSchemas::Make() {
  std::shared_ptr<BuiltinSchemas> schemas(new BuiltinSchemas());
  TableReader(schemas->definitions_, schemas->names_).Read(BuiltinTable());
  Linker linker(schemas->definitions_);
  for (const auto& [key, name] : schemas->names_) {
    schemas->compiled_[key] = std::make_shared<const CompiledSchema>(linker.Definition(name));
  }
  return schemas;
}

const CompiledSchema* BuiltinSchemas::Find(std::string_view group, std::string_view version,
                                           std::string_view kind) const {
  const auto found = compiled_.find(KeyOf(group, version, kind));
  return found == compiled_.end() ? nullptr : found->second.get();
}

std::string BuiltinSchemas::DefinitionName(std::string_view group, std::string_view version,
                                           std::string_view kind) const {
  const auto found = names_.find(KeyOf(group, version, kind));
  return found == names_.end() ? "" : found->second;
}

}  // namespace capstan::apiserver
