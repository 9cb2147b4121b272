// With DigitalOcean's own document at hand: every operation in it is answered by its own endpoint.
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/digitalocean/testing/cloud_fixture.hpp>
#include <map>

namespace capstan::simulated_digitalocean {
namespace {

const std::map<std::string, std::string> kVerbs = {
    {"get", "GET"}, {"post", "POST"}, {"put", "PUT"}, {"patch", "PATCH"}, {"delete", "DELETE"}};

class Operations : public CloudFixture {
 protected:
  // Starts a running cluster, new for each operation, and fills its ids into the path.
  std::string Filled(std::string path) {
    Start(Options());
    const std::string id = CreateRunning("one");
    const Reply cluster = Get(ClusterPath(id));
    const std::map<std::string, std::string> values = {
        {"{cluster_id}", id},
        {"{node_pool_id}", FirstPool(id)},
        {"{node_id}", cluster.At("/kubernetes_cluster/node_pools/0/nodes/0/id")},
        {"{vpc_id}", cluster.At("/kubernetes_cluster/vpc_uuid")}};
    for (const auto& [name, value] : values) {
      if (const auto at = path.find(name); at != std::string::npos) path.replace(at, name.size(), value);
    }
    EXPECT_EQ(path.find('{'), std::string::npos) << path << " has a part that this test does not know";
    return path;
  }
};

TEST_F(Operations, OfTheDocumentAreAllAnswered) {
  const auto text = ReadContract(*MakeSystemFiles(), *MakeSystemProcess());
  ASSERT_TRUE(text) << text.error();
  const auto document = json::ParseObject(text->empty() ? R"({"paths":{"/v2/account":{"get":{}}}})" : *text);
  ASSERT_TRUE(document);
  int answered = 0;
  for (const auto& [path, value] : *json::ObjectIn(*document, "paths")) {
    const auto operations = json::AsObject(value);
    for (const auto& [method, verb] : kVerbs) {
      if (!operations || !operations->has(method)) continue;
      const auto operation = operations->get(method);
      const std::string filled = Filled(path);
      if (method == "get" && operations->has("post"))
        (void)Ask("POST", filled, "{}");  // some operations read what this one starts
      const bool bodiless = method == "get" || !json::ObjectIn(json::AsObject(operation), "requestBody");
      const Reply reply = Ask(verb, filled, bodiless ? "" : "{}");
      EXPECT_NE(reply.status, 404) << verb << " " << path << ": " << reply.body;
      EXPECT_NE(reply.status, 405) << verb << " " << path;
      EXPECT_LT(reply.status, 500) << verb << " " << path;
      if (method == "get") {
        EXPECT_EQ(reply.status, 200) << path << ": " << reply.body;
      }
      ++answered;
    }
  }
  EXPECT_GE(answered, text->empty() ? 1 : 30);
}

}  // namespace
}  // namespace capstan::simulated_digitalocean
