// The ledger and the journal, changes by hand, and what a deletion includes.
#include <algorithm>
#include <capstan/local/digitalocean/testing/cloud_fixture.hpp>

namespace capstan::simulated_digitalocean {
namespace {

using namespace std::chrono_literals;

class Books : public CloudFixture {
 protected:
  std::size_t Live(const std::string& kind) {
    const auto ledger = cloud->Ledger();
    return static_cast<std::size_t>(std::count_if(
        ledger.begin(), ledger.end(), [&](const LedgerEntry& e) { return e.kind == kind && e.live(); }));
  }
};

TEST_F(Books, KeepEveryClusterAndPoolThatEverExisted) {
  const std::string id = CreateRunning("one", R"("tags":["capstan:uid"],)");
  const LedgerEntry entry = *Entry(id);
  EXPECT_EQ(entry.kind, "cluster");
  EXPECT_EQ(entry.account, kAliceUuid);
  EXPECT_EQ(entry.tags, (std::vector<std::string>{"k8s", "k8s:" + id, "capstan:uid"}));
  EXPECT_EQ(entry.created, *ParseRfc3339("2026-01-01T00:00:00Z"));
  EXPECT_EQ(Entry(FirstPool(id))->parent, id);
  Delete(ClusterPath(id));
  Pass(1h);
  EXPECT_EQ(Entry(id)->delete_requested, *ParseRfc3339("2026-01-01T00:05:00Z"));
  EXPECT_EQ(Entry(id)->deleted, *ParseRfc3339("2026-01-01T00:05:30Z"))
      << "when it was due, not when somebody looked";
  EXPECT_EQ(Live("cluster") + Live("node_pool"), 0u);
}

TEST_F(Books, RecordEachChangeWithThePreviousTags) {
  const std::string id = CreateRunning("one", R"("tags":["capstan:uid"],)");
  Put(ClusterPath(id), R"({"tags":["other"]})");
  Put(ClusterPath(id), R"({"tags":["not allowed"]})");
  Delete(ClusterPath(id));
  const std::vector<JournalEntry> journal = cloud->Journal();
  ASSERT_EQ(journal.size(), 3u) << "refused requests change nothing";
  EXPECT_EQ(journal[0].operation, "POST /v2/kubernetes/clusters");
  EXPECT_EQ(journal[0].tags_before.back(), "capstan:uid");
  EXPECT_EQ(journal[1].operation, "PUT /v2/kubernetes/clusters/{cluster_id}");
  EXPECT_EQ(journal[1].tags_before.back(), "capstan:uid");
  EXPECT_EQ(journal[2].tags_before.back(), "other");
  EXPECT_EQ(journal[2].sequence, 3u);
  EXPECT_TRUE(journal[2].answered);
}

TEST_F(Books, IncludeChangesByHand) {
  const auto id = cloud->CreateByHand(kAliceUuid, CreateBody("console"));
  ASSERT_TRUE(id);
  EXPECT_EQ(cloud->Journal().back().operation, "by hand: create");
  EXPECT_FALSE(cloud->CreateByHand(kAliceUuid, CreateBody("console"))) << "the name is taken";
  EXPECT_FALSE(cloud->CreateByHand("nobody", CreateBody("other")));
  ASSERT_TRUE(cloud->RenameCluster(*id, "renamed"));
  ASSERT_TRUE(cloud->SetTags(*id, {"theirs"}));
  ASSERT_TRUE(cloud->SetState(*id, "degraded", "a node is lost"));
  const Reply reply = Get(ClusterPath(*id));
  EXPECT_EQ(reply.At("/kubernetes_cluster/name"), "renamed");
  EXPECT_EQ(reply.At("/kubernetes_cluster/tags/2"), "theirs");
  EXPECT_EQ(reply.At("/kubernetes_cluster/status/message"), "a node is lost");
  EXPECT_EQ(Entry(*id)->name, "renamed");
  EXPECT_FALSE(cloud->SetState(*id, "deleting", ""));
  ASSERT_TRUE(cloud->DeleteClusterByHand(*id));
  EXPECT_EQ(State(*id), "deleting");
  EXPECT_FALSE(cloud->RenameCluster("nothing", "x"));
}

TEST_F(Books, KeepAssociatedResourcesThatAPlainDeletionLeaves) {
  const std::string id = CreateRunning("one");
  cloud->AddAssociated(id, "load_balancer", "web").value();
  cloud->AddAssociated(id, "volume", "data").value();
  const Reply listed = Get(ClusterPath(id) + "/destroy_with_associated_resources");
  EXPECT_EQ(listed.At("/load_balancers/0/name"), "web");
  EXPECT_EQ(listed.At("/volumes/0/name"), "data");
  EXPECT_EQ(listed.At("/volume_snapshots"), "[]");
  Delete(ClusterPath(id));
  Pass(1min);
  EXPECT_EQ(Live("load_balancer") + Live("volume"), 2u);
  EXPECT_FALSE(cloud->AddAssociated(id, "volume", "late"));
}

TEST_F(Books, LoseOnlyTheNamedResourcesInASelectiveDeletion) {
  const std::string id = CreateRunning("one");
  const std::string balancer = cloud->AddAssociated(id, "load_balancer", "web").value();
  const std::string volume = cloud->AddAssociated(id, "volume", "data").value();
  const std::string path = ClusterPath(id) + "/destroy_with_associated_resources/selective";
  Change().foreign_associated_status = 422;
  Apply();
  EXPECT_EQ(Delete(path, R"({"volumes":["6d3a5d6c-0000-4000-8000-000000000000"]})").status, 422);
  EXPECT_EQ(
      Delete(path, R"({"load_balancers":[")" + balancer + R"("],"volumes":null,"volume_snapshots":null})")
          .status,
      204);
  Pass(1min);
  EXPECT_TRUE(Entry(balancer)->deleted);
  EXPECT_TRUE(Entry(volume)->live());
}

TEST_F(Books, LoseEverythingInADangerousDeletion) {
  const std::string id = CreateRunning("one");
  for (const char* kind : {"load_balancer", "volume", "volume_snapshot"})
    cloud->AddAssociated(id, kind, "x").value();
  EXPECT_EQ(Delete(ClusterPath(id) + "/destroy_with_associated_resources/dangerous").status, 204);
  Pass(1min);
  EXPECT_EQ(Live("load_balancer") + Live("volume") + Live("volume_snapshot"), 0u);
  EXPECT_FALSE(cloud->AddAssociated(id, "bucket", "x"));
}

class Extras : public CloudFixture {};

TEST_F(Extras, LintRunsAndCompletesAfterAWhile) {
  const std::string id = CreateRunning("one");
  EXPECT_EQ(Get(ClusterPath(id) + "/clusterlint").status, 404);
  const std::string run = Post(ClusterPath(id) + "/clusterlint", R"({"include_groups":null})").At("/run_id");
  EXPECT_EQ(Get(ClusterPath(id) + "/clusterlint?run_id=" + run).At("/completed_at"), "(none)");
  Pass(5s);
  EXPECT_EQ(Get(ClusterPath(id) + "/clusterlint").At("/diagnostics/0/check_name"), "unused-config-map");
}

TEST_F(Extras, StatusMessagesCanBeFilteredByTime) {
  Behaviour quiet;
  quiet.tells_transitions = false;
  cloud->SetBehaviour(quiet);
  const std::string id = CreateRunning("one");
  ASSERT_TRUE(cloud->AddStatusMessage(id, "first"));
  Pass(1min);
  ASSERT_TRUE(cloud->AddStatusMessage(id, "second"));
  const std::string path = ClusterPath(id) + "/status_messages";
  EXPECT_EQ(Get(path).At("/messages/1/message"), "second");
  EXPECT_EQ(Get(path + "?since=2026-01-01T00%3A05%3A30Z").At("/messages/0/message"), "second");
  EXPECT_EQ(Get(path + "?since=yesterday").status, 422);
}

TEST_F(Extras, StatusMessagesReportTransitions) {
  const std::string id = CreateRunning("one");
  const std::string path = ClusterPath(id) + "/status_messages";
  EXPECT_EQ(Get(path).At("/messages/0/message"), "The cluster is being provisioned");
  EXPECT_EQ(Get(path).At("/messages/1/message"), "The cluster is running");
  Post(ClusterPath(id) + "/node_pools", R"({"name":"more","size":"s-1vcpu-2gb","count":1})");
  EXPECT_EQ(Get(path).At("/messages/2/message"), "Node pool more is being added");
  const std::string newer = Get(ClusterPath(id) + "/upgrades").At("/available_upgrade_versions/0/slug");
  EXPECT_EQ(Post(ClusterPath(id) + "/upgrade", R"({"version":")" + newer + "\"}").status, 202);
  Pass(20min);
  EXPECT_EQ(Get(path).At("/messages/4/message"), "The cluster was upgraded to " + newer);
  for (int i = 0; i < 120; ++i) ASSERT_TRUE(cloud->AddStatusMessage(id, "again"));
  EXPECT_EQ(Get(path).At("/messages/99/message"), "again");
  EXPECT_EQ(Get(path).At("/messages/100/message"), "(none)") << "the oldest are forgotten";
}

TEST_F(Extras, RegistriesAreAddedAndRemoved) {
  const std::string id = CreateRunning("one");
  const std::string body = R"({"cluster_uuids":[")" + id + R"("]})";
  EXPECT_EQ(Post("/v2/kubernetes/registry", body).status, 422) << "the account has none";
  AccountOptions alice = Options().accounts[0];
  alice.registries = {"images", "charts"};
  cloud->PutAccount(alice);
  EXPECT_EQ(
      Post("/v2/kubernetes/registries", R"({"cluster_uuids":[")" + id + R"("],"registries":["charts"]})")
          .status,
      204);
  EXPECT_EQ(Get(ClusterPath(id)).At("/kubernetes_cluster/registries"), R"(["charts"])");
  EXPECT_EQ(Get(ClusterPath(id)).At("/kubernetes_cluster/registry_enabled"), "true");
  EXPECT_EQ(Post("/v2/kubernetes/registry", body).status, 204);
  EXPECT_EQ(
      Delete("/v2/kubernetes/registries", R"({"cluster_uuids":[")" + id + R"("],"registries":["images"]})")
          .status,
      204);
  EXPECT_EQ(Delete("/v2/kubernetes/registry", body).status, 204);
  EXPECT_EQ(Get(ClusterPath(id)).At("/kubernetes_cluster/registry_enabled"), "false");
  EXPECT_EQ(Post("/v2/kubernetes/registry", R"({"cluster_uuids":["none"]})").status, 404);
}

TEST_F(Extras, OptionsNameTheNewestVersionFirstAndOnlyWhatClustersAccept) {
  const Reply options = Get("/v2/kubernetes/options");
  EXPECT_EQ(options.At("/options/versions/0/slug"), "1.36.1-do.0");
  EXPECT_EQ(options.At("/options/versions/0/kubernetes_version"), "1.36.1");
  EXPECT_EQ(options.body.find("s-1vcpu-1gb"), std::string::npos);
  EXPECT_EQ(options.body.find("nyc2"), std::string::npos);
  EXPECT_NE(options.body.find(R"({"name":"c-2-4GiB","slug":"c-2"})"), std::string::npos);
}

TEST_F(Extras, SizesHavePricesAndRegionsAndTagsAreListed) {
  const Reply sizes = Get("/v2/sizes?per_page=200");
  EXPECT_EQ(sizes.At("/sizes/1/slug"), "s-1vcpu-2gb");
  EXPECT_EQ(sizes.At("/sizes/1/price_monthly"), "12");
  EXPECT_EQ(Get("/v2/regions").At("/regions/0/slug"), "nyc1");
  CreateRunning("one", R"("tags":["zebra"],)");
  const Reply tags = Get("/v2/tags");
  EXPECT_NE(tags.body.find("zebra"), std::string::npos);
  EXPECT_EQ(Get("/v2/vpcs?per_page=1").At("/meta/total"), "12");
}

}  // namespace
}  // namespace capstan::simulated_digitalocean
