// Compares the fields of the spec with DigitalOcean's OpenAPI document, if
// CAPSTAN_DIGITALOCEAN_OPENAPI names it, to detect fields of the API that the spec lacks.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include <capstan/core/base/files.hpp>
#include <capstan/core/base/process.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/local/digitalocean/contract_guard.hpp>
#include <capstan/providers/digitalocean/detail/spec.hpp>

namespace capstan::digitalocean {
namespace {

using Names = std::set<std::string>;

// Fields that are not in a table because the spec names them differently.
const Names kClusterAlways{"name", "tags"};
const Names kPool{"name",   "size",       "count",     "tags",     "labels",
                  "taints", "auto_scale", "min_nodes", "max_nodes"};
// Missing in the document, but present in DigitalOcean's own client (docs/digitalocean_api.md).
const Names kOfClientsOnly{"nvidia_gpu_dra_driver", "amd_gpu_dra_driver"};

class Document {
 public:
  explicit Document(const std::string& text)
      : schemas_(json::ObjectIn(json::ObjectIn(json::ParseObject(text).value(), "components"), "schemas")) {}

  // The properties of a schema that a request can set, and the schema of each.
  std::map<std::string, json::ObjectPtr> Settable(const json::ObjectPtr& schema) const {
    std::map<std::string, json::ObjectPtr> all;
    auto resolved = Resolve(schema);
    auto parts = json::ArrayIn(resolved, "allOf");
    for (std::size_t i = 0; parts && i < parts->size(); ++i)
      all.merge(Settable(json::AsObject(parts->get(static_cast<unsigned>(i)))));
    auto properties = json::ObjectIn(resolved, "properties");
    for (const auto& name : properties ? properties->getNames() : std::vector<std::string>()) {
      auto property = Resolve(json::ObjectIn(properties, name));
      if (!json::BooleanIn(property, "readOnly").value_or(false)) all.emplace(name, property);
    }
    return all;
  }
  std::map<std::string, json::ObjectPtr> Settable(const std::string& schema) const {
    return Settable(json::ObjectIn(schemas_, schema));
  }

 private:
  json::ObjectPtr Resolve(const json::ObjectPtr& schema) const {
    auto reference = json::StringIn(schema, "$ref");
    return reference ? Resolve(json::ObjectIn(schemas_, reference->substr(reference->rfind('/') + 1)))
                     : schema;
  }

  json::ObjectPtr schemas_;
};

Names NamesOf(const std::map<std::string, json::ObjectPtr>& properties) {
  Names names;
  for (const auto& [name, schema] : properties) names.insert(name);
  return names;
}
Names NamesOf(const std::vector<Field>& fields) {
  Names names;
  for (const auto& field : fields) names.emplace(field.api);
  return names;
}
Names Together(Names a, const Names& b) {
  a.insert(b.begin(), b.end());
  return a;
}

class DocumentTest : public testing::Test {
 protected:
  DocumentTest() {
    auto text = simulated_digitalocean::ReadContract(*MakeSystemFiles(), *MakeSystemProcess());
    if (!text) ADD_FAILURE() << text.error();
    if (text) text_ = *text;
  }

  bool at_hand() const { return !text_.empty(); }
  Document document() const { return Document(text_); }

  std::string text_;
};

TEST_F(DocumentTest, HasTheFieldsOfOurSpecAndNoOthers) {
  auto later = NamesOf(ChangeableFields());
  for (const auto& name : kOfClientsOnly) EXPECT_EQ(later.erase(name), 1u) << name;
  for (const auto& fixed : FixedFields()) EXPECT_EQ(later.count(std::string(fixed.api)), 0u) << fixed.api;
  if (!at_hand()) return;
  const auto made = document().Settable("cluster"), updated = document().Settable("cluster_update");
  const auto changeable = Together(later, kClusterAlways), fixed = NamesOf(FixedFields());
  // Every field of the create request is either fixed or can be changed later.
  EXPECT_EQ(NamesOf(made), Together(Together(changeable, fixed), {"region", "version", "node_pools"}));
  EXPECT_EQ(NamesOf(updated), changeable) << "what can be changed later";
  for (const auto& field : ChangeableFields()) {
    if (field.inner == nullptr || kOfClientsOnly.count(std::string(field.api)) != 0) continue;
    EXPECT_EQ(NamesOf(document().Settable(updated.at(std::string(field.api)))), NamesOf(*field.inner))
        << field.api;
  }
}

TEST_F(DocumentTest, HasTheFieldsOfOurPoolsAndNoOthers) {
  const auto spec =
      json::ParseObject(
          R"({"name":"p","size":"s","count":1,"tags":[],"labels":{"a":"b"},"taints":[{"key":"a","effect":"NoExecute"}],"autoScale":true,)"
          R"("minNodes":1,"maxNodes":2})")
          .value();
  const auto sent = MakePoolRequest(ParsePoolSpec(spec, true).value(), "p")->getNames();
  EXPECT_EQ(Names(sent.begin(), sent.end()), kPool);
  if (!at_hand()) return;
  EXPECT_EQ(NamesOf(document().Settable("kubernetes_node_pool")), kPool);
  auto later = kPool;
  later.erase("size");
  EXPECT_EQ(NamesOf(document().Settable("kubernetes_node_pool_update")), later) << "all but the machines";
}

}  // namespace
}  // namespace capstan::digitalocean
