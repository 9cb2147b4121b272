// Finds names that the document does not define. A schema accepts them, so a client that misspells
// a field would never notice.
#include <algorithm>
#include <capstan/core/base/text.hpp>
#include <capstan/local/digitalocean/contract/schema_check.hpp>

namespace capstan::simulated_digitalocean {
namespace {

class FieldLookup {
 public:
  FieldLookup(const json::ObjectPtr& document, const std::set<std::string>& also,
              std::vector<std::string>& violations)
      : document_(document), also_(also), violations_(violations) {}

  void Check(const std::vector<json::ObjectPtr>& given, const json::Tree& value, const std::string& where) {
    std::vector<json::ObjectPtr> schemas;
    for (const json::ObjectPtr& schema : given) Gather(schema, schemas);
    if (json::ArrayPtr array = json::AsArray(value)) {
      std::vector<json::ObjectPtr> items = Below(schemas, "items", "");
      for (unsigned i = 0; i < array->size(); ++i) Check(items, array->get(i), StrCat(where, "/", i));
      return;
    }
    json::ObjectPtr object = json::AsObject(value);
    const bool open = std::any_of(schemas.begin(), schemas.end(), [](const json::ObjectPtr& schema) {
      return schema->has("additionalProperties") && json::BooleanIn(schema, "additionalProperties") != false;
    });
    const bool listed = std::any_of(schemas.begin(), schemas.end(), [](const json::ObjectPtr& schema) {
      return !json::ObjectIn(schema, "properties").isNull();
    });
    if (!object || open || !listed) return;
    for (const auto& [name, member] : *object) {
      std::vector<json::ObjectPtr> inner = Below(schemas, "properties", name);
      if (!inner.empty())
        Check(inner, member, StrCat(where, "/", name));
      else if (also_.count(name) == 0)
        violations_.push_back(
            StrCat(where.empty() ? "/" : where, " has ", name, ", which the document does not define"));
    }
  }

 private:
  // The schema and all schemas that it is composed of.
  void Gather(const json::ObjectPtr& given, std::vector<json::ObjectPtr>& all) {
    const json::ObjectPtr schema = Resolve(document_, given);
    if (!schema || all.size() > 64) return;
    all.push_back(schema);
    for (const char* keyword : {"allOf", "anyOf", "oneOf"}) {
      json::ArrayPtr parts = json::ArrayIn(schema, keyword);
      for (unsigned i = 0; parts && i < parts->size(); ++i)
        if (json::ObjectPtr part = json::AsObject(parts->get(i))) Gather(part, all);
    }
  }
  std::vector<json::ObjectPtr> Below(const std::vector<json::ObjectPtr>& schemas, const char* keyword,
                                     const std::string& name) {
    std::vector<json::ObjectPtr> found;
    for (const json::ObjectPtr& schema : schemas) {
      json::ObjectPtr inner = json::ObjectIn(schema, keyword);
      if (inner && !name.empty()) inner = json::ObjectIn(inner, name);
      if (inner) found.push_back(inner);
    }
    return found;
  }

  const json::ObjectPtr& document_;
  const std::set<std::string>& also_;
  std::vector<std::string>& violations_;
};

}  // namespace

void CheckKnownFields(const json::ObjectPtr& document, const json::ObjectPtr& schema, const json::Tree& value,
                      const std::set<std::string>& also, std::vector<std::string>& violations) {
  FieldLookup(document, also, violations).Check({schema}, value, "");
}

}  // namespace capstan::simulated_digitalocean
