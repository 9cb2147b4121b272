// Every field of the spec with the simulated DigitalOcean: a cluster is created with it, the field
// is changed, another client changes it, and each time the plan reports the difference and the API
// finally shows the desired value.
#include <set>

#include <capstan/providers/digitalocean/detail/spec.hpp>
#include <capstan/providers/digitalocean/testing/simulated_fixture.hpp>

namespace capstan::digitalocean {
namespace {

struct FieldCase {
  const char* field;    // as in plans
  const char* made;     // merged into the spec
  const char* shown;    // a merge patch of the API's observed state after that
  const char* changed;  // merged over `made`; null: it is fixed at creation
  const char* by_hand;  // PUT by another client after that; null: not possible
  const char* wanted;   // the desired value in the plan after that
  const char* seen;     // and the observed value
};

#define CAPSTAN_SWITCH_CASE(spec, api)                                                                \
  {                                                                                                   \
    "spec." spec ".enabled", "{\"" spec "\":{\"enabled\":true}}", "{\"" api "\":{\"enabled\":true}}", \
        "{\"" spec "\":{\"enabled\":false}}", "{\"" api "\":{\"enabled\":true}}", "false", "true"     \
  }

const FieldCase kCases[] = {
    {"spec.name", R"({"name":"one"})", R"({"name":"one"})", R"({"name":"two"})", R"({"name":"three"})",
     R"("two")", R"("three")"},
    {"spec.tags", R"({"tags":["a"]})", "{}", R"({"tags":["b"]})",
     R"({"tags":["c","capstan:uid-1","capstan-owner:home"]})", R"(["b"])", R"(["c"])"},
    {"spec.ha", R"({"version":"1.35","ha":false})", R"({"ha":false})", R"({"ha":true})", nullptr, nullptr,
     nullptr},
    {"spec.autoUpgrade", R"({"autoUpgrade":true})", R"({"auto_upgrade":true})", R"({"autoUpgrade":false})",
     R"({"auto_upgrade":true})", "false", "true"},
    {"spec.surgeUpgrade", R"({"surgeUpgrade":true})", R"({"surge_upgrade":true})",
     R"({"surgeUpgrade":false})", R"({"surge_upgrade":true})", "false", "true"},
    {"spec.maintenancePolicy.day", R"({"maintenancePolicy":{"day":"sunday","startTime":"03:00"}})",
     R"({"maintenance_policy":{"day":"sunday","start_time":"03:00"}})",
     R"({"maintenancePolicy":{"day":"monday"}})",
     R"({"maintenance_policy":{"day":"any","start_time":"03:00"}})", R"("monday")", R"("any")"},
    {"spec.maintenancePolicy.startTime", R"({"maintenancePolicy":{"day":"sunday","startTime":"03:00"}})",
     R"({"maintenance_policy":{"start_time":"03:00"}})", R"({"maintenancePolicy":{"startTime":"04:30"}})",
     R"({"maintenance_policy":{"day":"sunday","start_time":"05:00"}})", R"("04:30")", R"("05:00")"},
    {"spec.controlPlaneFirewall.enabled",
     R"({"controlPlaneFirewall":{"enabled":true,"allowedAddresses":["1.2.3.4"]}})",
     R"({"control_plane_firewall":{"enabled":true,"allowed_addresses":["1.2.3.4"]}})",
     R"({"controlPlaneFirewall":{"enabled":false}})",
     R"({"control_plane_firewall":{"enabled":true,"allowed_addresses":["1.2.3.4"]}})", "false", "true"},
    {"spec.controlPlaneFirewall.allowedAddresses",
     R"({"controlPlaneFirewall":{"enabled":true,"allowedAddresses":["1.2.3.4"]}})", "{}",
     R"({"controlPlaneFirewall":{"allowedAddresses":["10.0.0.0/8"]}})",
     R"({"control_plane_firewall":{"enabled":true,"allowed_addresses":["5.6.7.8"]}})", R"(["10.0.0.0/8"])",
     R"(["5.6.7.8"])"},
    {"spec.clusterAutoscalerConfiguration.scaleDownUtilizationThreshold",
     R"({"clusterAutoscalerConfiguration":{"scaleDownUtilizationThreshold":0.5}})",
     R"({"cluster_autoscaler_configuration":{"scale_down_utilization_threshold":0.5}})",
     R"({"clusterAutoscalerConfiguration":{"scaleDownUtilizationThreshold":0.25}})",
     R"({"cluster_autoscaler_configuration":{"scale_down_utilization_threshold":0.75}})", "0.25", "0.75"},
    {"spec.clusterAutoscalerConfiguration.scaleDownUnneededTime",
     R"({"clusterAutoscalerConfiguration":{"scaleDownUnneededTime":"5m"}})", "{}",
     R"({"clusterAutoscalerConfiguration":{"scaleDownUnneededTime":"10m"}})",
     R"({"cluster_autoscaler_configuration":{"scale_down_unneeded_time":"1m0s"}})", R"("10m")", R"("1m0s")"},
    {"spec.clusterAutoscalerConfiguration.expanders",
     R"({"clusterAutoscalerConfiguration":{"expanders":["random"]}})",
     R"({"cluster_autoscaler_configuration":{"expanders":["random"]}})",
     R"({"clusterAutoscalerConfiguration":{"expanders":["priority","random"]}})",
     R"({"cluster_autoscaler_configuration":{"expanders":["random"]}})", R"(["priority","random"])",
     R"(["random"])"},
    {"spec.sso.enabled", R"({"sso":{"enabled":true,"issuerURL":"https://i.example.com","clientID":"c"}})",
     R"({"sso":{"enabled":true,"issuer_url":"https://i.example.com","client_id":"c"}})",
     R"({"sso":{"enabled":false}})",
     R"({"sso":{"enabled":true,"issuer_url":"https://i.example.com","client_id":"c"}})", "false", "true"},
    {"spec.sso.required",
     R"({"sso":{"enabled":true,"required":false,"issuerURL":"https://i.example.com","clientID":"c"}})",
     R"({"sso":{"required":false}})", R"({"sso":{"required":true}})", R"({"sso":{"required":false}})", "true",
     "false"},
    {"spec.sso.issuerURL", R"({"sso":{"enabled":true,"issuerURL":"https://i.example.com","clientID":"c"}})",
     "{}", R"({"sso":{"issuerURL":"https://j.example.com"}})",
     R"({"sso":{"issuer_url":"https://k.example.com"}})", R"("https://j.example.com")",
     R"("https://k.example.com")"},
    {"spec.sso.clientID", R"({"sso":{"enabled":true,"issuerURL":"https://i.example.com","clientID":"c"}})",
     "{}", R"({"sso":{"clientID":"d"}})", R"({"sso":{"client_id":"e"}})", R"("d")", R"("e")"},
    CAPSTAN_SWITCH_CASE("routingAgent", "routing_agent"),
    CAPSTAN_SWITCH_CASE("corednsAutoscaler", "coredns_autoscaler"),
    CAPSTAN_SWITCH_CASE("p2pOCIRegistryPlugin", "p2p_oci_registry_plugin"),
    CAPSTAN_SWITCH_CASE("amdGPUDevicePlugin", "amd_gpu_device_plugin"),
    CAPSTAN_SWITCH_CASE("amdGPUDeviceMetricsExporterPlugin", "amd_gpu_device_metrics_exporter_plugin"),
    CAPSTAN_SWITCH_CASE("nvidiaGPUDevicePlugin", "nvidia_gpu_device_plugin"),
    CAPSTAN_SWITCH_CASE("rdmaSharedDevicePlugin", "rdma_shared_dev_plugin"),
    CAPSTAN_SWITCH_CASE("nvidiaGPUDRADriver", "nvidia_gpu_dra_driver"),
    CAPSTAN_SWITCH_CASE("amdGPUDRADriver", "amd_gpu_dra_driver"),
    {"spec.region", R"({"region":"fra1"})", R"({"region":"fra1"})", R"({"region":"nyc1"})", nullptr, nullptr,
     nullptr},
    {"spec.vpcUUID", R"({"vpcUUID":"VPC"})", R"({"vpc_uuid":"VPC"})",
     R"({"vpcUUID":"bd5f5959-5e1e-4205-a714-a914373942af"})", nullptr, nullptr, nullptr},
    {"spec.workerSubnetUUID",
     R"({"vpcUUID":"VPC","workerSubnetUUID":"bd5f5959-5e1e-4205-a714-a914373942aa"})",
     R"({"worker_subnet_uuid":"bd5f5959-5e1e-4205-a714-a914373942aa"})",
     R"({"workerSubnetUUID":"bd5f5959-5e1e-4205-a714-a914373942af"})", nullptr, nullptr, nullptr},
    {"spec.clusterSubnet", R"({"clusterSubnet":"10.1.0.0/16","serviceSubnet":"10.2.0.0/16"})",
     R"({"cluster_subnet":"10.1.0.0/16","service_subnet":"10.2.0.0/16"})",
     R"({"clusterSubnet":"10.3.0.0/16"})", nullptr, nullptr, nullptr},
    {"spec.serviceSubnet", R"({"clusterSubnet":"10.1.0.0/16","serviceSubnet":"10.2.0.0/16"})", "{}",
     R"({"serviceSubnet":"10.3.0.0/16"})", nullptr, nullptr, nullptr},
    {"spec.isolatedWorkers", R"({"vpcUUID":"VPC","isolatedWorkers":true})", R"({"isolated_workers":true})",
     R"({"isolatedWorkers":false})", nullptr, nullptr, nullptr},
};

bool IsFixed(const std::string& field) {
  for (const auto& fixed : FixedFields())
    if (field == StrCat("spec.", fixed.spec)) return true;
  return false;
}

// The difference in that field, as "wanted / seen"; empty if the plan contains none.
std::string DifferenceIn(const external::Plan& plan, const std::string& field) {
  for (const auto& item : plan.differences)
    if (item.field == field) return StrCat(item.wanted, " / ", item.seen);
  return "";
}

class OneField : public SimulatedBench {
 public:
  explicit OneField(const FieldCase& the_case) : case_(the_case) {
    vpc_ = cloud_->AddVpc(simulated_digitalocean::AccountOptions().uuid, "fra1", "net", "10.50.0.0/16", true)
               .value();
  }
  void IsMadeWithIt() {
    id_ = Make(Spec());
    CarryOut(id_, Spec());
    EXPECT_TRUE(done_.empty()) << "what was just made has nothing to change: " << done_[0];
    auto shown = json::MergePatch(See(id_).state, WithVpc(case_.shown)).value();
    EXPECT_TRUE(json::Equal(std::string_view(shown), std::string_view(See(id_).state))) << See(id_).state;
  }
  // The rule in docs/digitalocean.md for fields that are removed from a spec.
  void IsLeftAloneOnceItIsTakenOut() {
    const auto before = See(id_).state;
    const auto version = json::StringIn(json::ParseObject(case_.made).value(), "version").value_or("1.34");
    const auto without = Desired(StrCat(R"({"version":")", version, "\"}"));
    auto plan = PlanFor(id_, without);
    EXPECT_TRUE(plan.steps.empty()) << plan.steps[0].why;
    EXPECT_TRUE(plan.differences.empty()) << plan.differences[0].field;
    EXPECT_TRUE(plan.unsupported.empty()) << plan.unsupported[0].why;
    CarryOut(id_, without);
    EXPECT_TRUE(SameJson(See(id_).state, before)) << See(id_).state;
  }
  void CannotBeChanged() {
    spec_ = case_.changed;
    auto plan = PlanFor(id_, Spec());
    EXPECT_TRUE(plan.steps.empty()) << plan.steps[0].why;
    ASSERT_EQ(plan.unsupported.size(), 1u);
    EXPECT_EQ(plan.unsupported[0].field, case_.field);
    EXPECT_NE(DifferenceIn(plan, case_.field), "");
    const auto rule = StrCat(std::string(case_.field).substr(5), " is fixed when the cluster is created");
    EXPECT_NE(MakeManifest().crds[0].find(rule), std::string::npos) << "the CRD does not say so";
  }
  void IsChanged() {
    spec_ = case_.changed;
    auto plan = PlanFor(id_, Spec());
    ASSERT_EQ(plan.steps.size(), 1u);
    EXPECT_FALSE(plan.steps[0].destroys);
    EXPECT_NE(DifferenceIn(plan, case_.field), "");
    CarryOut(id_, Spec());
    EXPECT_EQ(done_, std::vector<std::string>{"update cluster"});
  }
  void IsPutBack() {
    auto answer = ByHand("PUT", "/" + id_, case_.by_hand);
    ASSERT_EQ(answer.status, 202) << answer.body;
    EXPECT_EQ(DifferenceIn(PlanFor(id_, Spec()), case_.field), StrCat(case_.wanted, " / ", case_.seen));
    CarryOut(id_, Spec());
    EXPECT_EQ(done_.size(), 2u);
  }

 private:
  std::string WithVpc(const char* text) const {
    std::string json = text;
    if (auto at = json.find("VPC\""); at != std::string::npos && json[at - 1] == '"')
      json.replace(at, 3, vpc_);
    return json;
  }
  std::string Spec() const {
    auto made = json::MergePatch(R"({"version":"1.34"})", WithVpc(case_.made)).value();
    return Desired(json::MergePatch(made, WithVpc(spec_)).value());
  }

  const FieldCase& case_;
  std::string vpc_, id_;
  const char* spec_ = "{}";
};

TEST(EveryField, IsMadeChangedAndPutBack) {
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.field);
    OneField field(c);
    field.IsMadeWithIt();
    field.IsLeftAloneOnceItIsTakenOut();
    if (testing::Test::HasFailure()) continue;
    if (IsFixed(c.field)) {
      field.CannotBeChanged();
      continue;
    }
    field.IsChanged();
    if (c.by_hand != nullptr) field.IsPutBack();
  }
}

TEST(EveryField, IsInTheTable) {
  std::set<std::string> tried;
  for (const auto& c : kCases) tried.insert(c.field);
  for (const auto* fields : {&FixedFields(), &ChangeableFields()}) {
    for (const auto& field : *fields) {
      if (field.inner == nullptr) {
        EXPECT_EQ(tried.count(StrCat("spec.", field.spec)), 1u) << field.spec;
        continue;
      }
      for (const auto& inner : *field.inner)
        EXPECT_EQ(tried.count(StrCat("spec.", field.spec, ".", inner.spec)), 1u)
            << field.spec << "." << inner.spec;
    }
  }
}

struct PoolCase {
  const char* field;    // below spec.nodePools[main]
  const char* made;     // merged into the pool of the spec
  const char* changed;  // merged over it
  const char* by_hand;  // PUT of the pool by another client
  const char* difference;
};
const PoolCase kPoolCases[] = {
    {"count", R"({"count":2})", R"({"count":3})", R"({"name":"main","count":4})", "3 / 4"},
    {"labels", R"({"labels":{"a":"b"}})", R"({"labels":{"a":"c"}})",
     R"({"name":"main","count":2,"labels":{"x":"y"}})", R"({"a":"c"} / {"x":"y"})"},
    {"taints", R"({"taints":[{"key":"k","value":"v","effect":"NoSchedule"}]})",
     R"({"taints":[{"key":"k","value":"v","effect":"NoExecute"}]})",
     R"({"name":"main","count":2,"taints":[]})", R"(["k=v:NoExecute"] / [])"},
    {"tags", R"({"tags":["a"]})", R"({"tags":["b"]})",
     R"({"name":"main","count":2,"tags":["c","capstan:uid-1","capstan-owner:home","capstan-pool:main"]})",
     R"(["b"] / ["c"])"},
    {"autoScale", R"({"autoScale":false})", R"({"autoScale":true,"minNodes":1,"maxNodes":4})",
     R"({"name":"main","count":2,"auto_scale":false})", "true / false"},
    {"minNodes", R"({"autoScale":true,"minNodes":1,"maxNodes":4})", R"({"minNodes":2})",
     R"({"name":"main","count":2,"auto_scale":true,"min_nodes":1,"max_nodes":4})", "2 / 1"},
    {"maxNodes", R"({"autoScale":true,"minNodes":1,"maxNodes":4})", R"({"maxNodes":5})",
     R"({"name":"main","count":2,"auto_scale":true,"min_nodes":1,"max_nodes":3})", "5 / 3"},
};

TEST(EveryPoolField, IsMadeChangedAndPutBack) {
  for (const auto& c : kPoolCases) {
    SCOPED_TRACE(c.field);
    SimulatedBench bench;
    auto desired = [](const std::string& pool) {
      auto whole = json::MergePatch(R"({"name":"main","size":"s-2vcpu-4gb","count":2})", pool).value();
      return SimulatedBench::Desired(StrCat(R"({"nodePools":[)", whole, "]}"));
    };
    auto id = bench.Make(desired(c.made));
    bench.CarryOut(id, desired(c.made));
    EXPECT_TRUE(bench.done_.empty()) << bench.done_[0];
    auto changed = desired(json::MergePatch(c.made, c.changed).value());
    const auto field = StrCat("spec.nodePools[main].", c.field);
    EXPECT_NE(DifferenceIn(bench.PlanFor(id, changed), field), "");
    bench.CarryOut(id, changed);
    EXPECT_EQ(bench.done_.size(), 1u);
    auto pools = json::ArrayIn(json::ParseObject(bench.See(id).state).value(), "node_pools");
    auto pool = json::StringIn(json::AsObject(pools->get(0)), "id").value();
    auto answer = bench.ByHand("PUT", StrCat("/", id, "/node_pools/", pool), c.by_hand);
    ASSERT_EQ(answer.status, 202) << answer.body;
    EXPECT_EQ(DifferenceIn(bench.PlanFor(id, changed), field), c.difference);
    bench.CarryOut(id, changed);
    EXPECT_EQ(bench.done_.size(), 2u);
  }
}

// Fields that each pool field requires, and what clears it; null: nothing does.
struct TakenOut {
  const char* field;
  const char* made;
  const char* cleared;
  const char* difference;
};
const TakenOut kTakenOut[] = {
    {"count", R"({"count":2})", nullptr, nullptr},
    {"labels", R"({"count":2,"labels":{"a":"b"}})", R"({"count":2,"labels":{}})", R"({} / {"a":"b"})"},
    {"taints", R"({"count":2,"taints":[{"key":"k","value":"v","effect":"NoSchedule"}]})",
     R"({"count":2,"taints":[]})", R"([] / ["k=v:NoSchedule"])"},
    {"tags", R"({"count":2,"tags":["a"]})", R"({"count":2,"tags":[]})", R"([] / ["a"])"},
    {"autoScale", R"({"count":2,"autoScale":true,"minNodes":1,"maxNodes":4})",
     R"({"count":2,"autoScale":false})", "false / true"},
    {"minNodes", R"({"autoScale":true,"minNodes":1,"maxNodes":4})", nullptr, nullptr},
    {"maxNodes", R"({"autoScale":true,"minNodes":1,"maxNodes":4})", nullptr, nullptr},
    {"gpuPartitionMode",
     R"({"size":"gpu-mi300x1-192gb","count":1,"gpuPartitionMode":"AMD_PARTITION_MODE_SPX_NPS1"})", nullptr,
     nullptr},
};

TEST(EveryPoolField, IsLeftAloneOnceItIsTakenOutAndClearedWhenTheSpecSaysSo) {
  for (const auto& c : kTakenOut) {
    SCOPED_TRACE(c.field);
    SimulatedBench bench;
    auto whole = json::MergePatch(R"({"name":"main","size":"s-2vcpu-4gb"})", c.made).value();
    auto desired = [](const std::string& pool, bool adopting) {
      return SimulatedBench::Desired(
          StrCat(R"({"nodePools":[)", pool, "]", adopting ? R"(,"adopt":{"name":"prod"})" : "", "}"));
    };
    auto id = bench.Make(desired(whole, false));
    bench.CarryOut(id, desired(whole, false));
    const auto before = bench.See(id).state;
    // With adopt, which makes all fields except name and size optional.
    auto without = desired(json::MergePatch(whole, StrCat("{\"", c.field, "\":null}")).value(), true);
    if (c.field == std::string_view("minNodes") || c.field == std::string_view("maxNodes"))
      without = desired(R"({"name":"main","size":"s-2vcpu-4gb"})", true);
    auto plan = bench.PlanFor(id, without);
    EXPECT_TRUE(plan.differences.empty()) << plan.differences[0].field << plan.differences[0].wanted;
    bench.CarryOut(id, without);
    EXPECT_TRUE(bench.done_.empty()) << bench.done_[0];
    EXPECT_TRUE(SameJson(bench.See(id).state, before)) << bench.See(id).state;
    if (c.cleared == nullptr) continue;
    auto cleared =
        desired(json::MergePatch(R"({"name":"main","size":"s-2vcpu-4gb"})", c.cleared).value(), false);
    EXPECT_EQ(DifferenceIn(bench.PlanFor(id, cleared), StrCat("spec.nodePools[main].", c.field)),
              c.difference);
    bench.CarryOut(id, cleared);
    EXPECT_TRUE(bench.PlanFor(id, cleared).differences.empty());
  }
}

// The fields of an object in the CRD's schema, each by its path, as in plans.
void FieldsOf(const json::ObjectPtr& schema, const std::string& path, std::set<std::string>& into) {
  const auto properties = json::ObjectIn(schema, "properties");
  for (const auto& name : properties ? properties->getNames() : std::vector<std::string>()) {
    const auto field = json::ObjectIn(properties, name);
    const auto below = StrCat(path, ".", name);
    const auto items = json::ObjectIn(field, "items");
    if (items && json::ObjectIn(items, "properties") && name == "nodePools") {
      FieldsOf(items, below + "[main]", into);
    } else if (json::StringIn(field, "type") == "object" && json::ObjectIn(field, "properties")) {
      FieldsOf(field, below, into);
    } else {
      into.insert(below);
    }
  }
}

json::ObjectPtr SpecSchema() {
  const auto crd = json::ParseObject(MakeManifest().crds.at(0)).value();
  const auto version = json::AsObject(json::ArrayIn(json::ObjectIn(crd, "spec"), "versions")->get(0));
  const auto root = json::ObjectIn(json::ObjectIn(version, "schema"), "openAPIV3Schema");
  return json::ObjectIn(json::ObjectIn(root, "properties"), "spec");
}

TEST(EveryField, OfTheCrdIsInOneOfTheTablesAboveOrIsTheOperatorsOwn) {
  std::set<std::string> fields;
  FieldsOf(SpecSchema(), "spec", fields);
  // Settings of the operator rather than of the cluster; and fields with tests of their own
  // (versions_test, plan_pools_test, Registries).
  for (const char* other :
       {"tokenSecret", "deletionPolicy", "associatedResources", "deletionProtection", "allowDestructive",
        "recreateIfLost", "createTimeoutSeconds", "managementPolicy", "adopt.clusterID", "adopt.name",
        "kubeconfigExpirySeconds", "kubeconfigSecret.name", "kubeconfigSecret.keys", "version",
        "nodePools[main].name", "nodePools[main].size", "registries", "registryEnabled"})
    EXPECT_EQ(fields.erase(StrCat("spec.", other)), 1u) << other;
  for (const auto& c : kCases) fields.erase(c.field);
  for (const auto& c : kTakenOut) fields.erase(StrCat("spec.nodePools[main].", c.field));
  EXPECT_TRUE(fields.empty()) << *fields.begin() << " has no test that takes it out";
}

bool HasDefault(const json::Tree& tree, bool in_list) {
  const auto object = json::AsObject(tree);
  if (!object) return false;
  if (in_list && object->has("default")) return true;
  for (const auto& name : object->getNames())
    if (HasDefault(object->get(name), in_list || name == "items")) return true;
  return false;
}

TEST(Crd, HasNoDefaultInsideAnItemOfAList) {
  EXPECT_FALSE(HasDefault(json::Tree(SpecSchema()), false))
      << "a default there is a wish that nobody had, and makes every apply of an unchanged file a change";
}

TEST(EveryPoolField, OfMachinesReplacesThePool) {
  SimulatedBench bench;
  auto desired = [](const char* mode) {
    return SimulatedBench::Desired(
        StrCat(R"({"nodePools":[{"name":"main","size":"gpu-mi300x1-192gb","count":1,"gpuPartitionMode":")",
               mode, "\"}]}"));
  };
  auto id = bench.Make(desired("AMD_PARTITION_MODE_SPX_NPS1"));
  bench.CarryOut(id, desired("AMD_PARTITION_MODE_SPX_NPS1"));
  EXPECT_TRUE(bench.done_.empty());
  EXPECT_EQ(DifferenceIn(bench.PlanFor(id, desired("AMD_PARTITION_MODE_DPX_NPS2")),
                         "spec.nodePools[main].gpuPartitionMode"),
            R"("AMD_PARTITION_MODE_DPX_NPS2" / "AMD_PARTITION_MODE_SPX_NPS1")");
  bench.CarryOut(id, desired("AMD_PARTITION_MODE_DPX_NPS2"));
  ASSERT_EQ(bench.done_.size(), 2u);
  EXPECT_EQ(bench.done_[0].substr(0, 7), "replace");
  EXPECT_EQ(bench.done_[1], "remove nodePools/main");
}

TEST(EveryPoolField, NameIsChangedInPlaceAndTheNodesStay) {
  SimulatedBench bench;
  auto id = bench.Make(SimulatedBench::Desired("{}"));
  bench.CarryOut(id, SimulatedBench::Desired("{}"));
  const auto nodes = [&] {
    auto pools = json::ArrayIn(json::ParseObject(bench.See(id).state).value(), "node_pools");
    std::string ids;
    for (const auto& pool : *pools)
      for (const auto& node : *json::ArrayIn(json::AsObject(pool), "nodes"))
        ids += json::StringIn(json::AsObject(node), "id").value_or("?") + " ";
    return ids;
  };
  const auto before = nodes();
  auto renamed =
      SimulatedBench::Desired(R"({"nodePools":[{"name":"workers","size":"s-2vcpu-4gb","count":2}]})");
  bench.CarryOut(id, renamed);
  EXPECT_EQ(bench.done_, std::vector<std::string>{"rename nodePools/workers"});
  EXPECT_EQ(nodes(), before);
  EXPECT_TRUE(bench.PlanFor(id, renamed).differences.empty());
}

TEST(Nodes, AreReplacedAndDeletedAsAnnotationsAsk) {
  SimulatedBench bench;
  auto id = bench.Make(SimulatedBench::Desired("{}"));
  bench.CarryOut(id, SimulatedBench::Desired("{}"));
  const auto nodes = [&] {
    auto pools = json::ArrayIn(json::ParseObject(bench.See(id).state).value(), "node_pools");
    std::vector<std::string> ids;
    for (const auto& node : *json::ArrayIn(json::AsObject(pools->get(0)), "nodes"))
      ids.push_back(json::StringIn(json::AsObject(node), "id").value_or("?"));
    return ids;
  };
  const auto asking = [](const char* what, const std::string& node, const char* spec) {
    return json::MergePatch(SimulatedBench::Desired(spec),
                            StrCat(R"({"annotations":{"capstan.dev/)", what, "\":\"", node, "\"}}"))
        .value();
  };
  const auto before = nodes();
  bench.CarryOut(id, asking("replace-nodes", before[0], "{}"));
  ASSERT_EQ(bench.done_.size(), 1u);
  EXPECT_EQ(bench.done_[0].substr(0, 14), "replace nodes/");
  auto after = nodes();
  EXPECT_EQ(after.size(), 2u);
  EXPECT_EQ(std::count(after.begin(), after.end(), before[0]), 0);
  EXPECT_EQ(std::count(after.begin(), after.end(), before[1]), 1);
  bench.CarryOut(id, asking("delete-nodes", before[1],
                            R"({"nodePools":[{"name":"main","size":"s-2vcpu-4gb","count":1}]})"));
  EXPECT_EQ(bench.done_.size(), 2u);
  after = nodes();
  EXPECT_EQ(after.size(), 1u);
  EXPECT_EQ(std::count(after.begin(), after.end(), before[1]), 0);
}

TEST(Count, OfAPoolThatScalesByItselfIsResetOnceWhenAsked) {
  SimulatedBench bench;
  const auto pool = [](int count) {
    return StrCat(
        R"({"nodePools":[{"name":"main","size":"s-2vcpu-4gb","autoScale":true,"minNodes":1,"maxNodes":9,)",
        R"("count":)", count, "}]}");
  };
  auto id = bench.Make(SimulatedBench::Desired(pool(2)));
  const auto asked = json::MergePatch(SimulatedBench::Desired(pool(5)),
                                      R"({"annotations":{"capstan.dev/reset-count":"main"}})")
                         .value();
  EXPECT_TRUE(bench.PlanFor(id, SimulatedBench::Desired(pool(5))).steps.empty())
      << "the count is the autoscaler's";
  bench.CarryOut(id, asked);
  EXPECT_EQ(bench.done_, std::vector<std::string>{"scale nodePools/main"});
  const auto pools = json::ArrayIn(json::ParseObject(bench.See(id).state).value(), "node_pools");
  EXPECT_EQ(json::IntegerIn(json::AsObject(pools->get(0)), "count"), 5);
  EXPECT_EQ(json::BooleanIn(json::AsObject(pools->get(0)), "auto_scale"), true) << "it goes on scaling";
  EXPECT_EQ(bench.PlanFor(id, asked).spent, std::vector<std::string>{"capstan.dev/reset-count=main"});
}

TEST(Registries, StayWhenTheSpecNoLongerNamesThemAndGoWhenItSaysNone) {
  SimulatedBench bench;
  auto desired = SimulatedBench::Desired(R"({"registries":["images"]})");
  auto id = bench.Make(desired);
  bench.CarryOut(id, desired);
  bench.CarryOut(id, SimulatedBench::Desired("{}"));
  EXPECT_EQ(bench.done_.size(), 1u);
  auto none = SimulatedBench::Desired(R"({"registries":[]})");
  EXPECT_EQ(DifferenceIn(bench.PlanFor(id, none), "spec.registries"), R"([] / ["images"])");
  bench.CarryOut(id, none);
  EXPECT_EQ(bench.done_.size(), 2u);
}

TEST(Version, OfARunningClusterStaysWhenTheSpecNoLongerNamesOne) {
  SimulatedBench bench;
  auto id = bench.Make(SimulatedBench::Desired(R"({"version":"1.34"})"));
  auto without = SimulatedBench::Desired(R"({"region":null,"version":null,"adopt":{"name":"prod"}})");
  bench.CarryOut(id, without);
  EXPECT_TRUE(bench.done_.empty());
  EXPECT_TRUE(bench.PlanFor(id, without).differences.empty());
}

TEST(Registries, AreIntegratedAndPutBack) {
  SimulatedBench bench;
  auto desired = SimulatedBench::Desired(R"({"registries":["images"]})");
  auto id = bench.Make(desired);
  bench.CarryOut(id, desired);
  EXPECT_EQ(bench.done_, std::vector<std::string>{"attach registries/images"});
  auto other = SimulatedBench::Desired(R"({"registries":["charts"]})");
  EXPECT_EQ(DifferenceIn(bench.PlanFor(id, other), "spec.registries"), R"(["charts"] / ["images"])");
  bench.CarryOut(id, other);
  EXPECT_EQ(bench.done_.size(), 3u);
  auto off = SimulatedBench::Desired(R"({"registryEnabled":false})");
  EXPECT_EQ(DifferenceIn(bench.PlanFor(id, off), "spec.registryEnabled"), "false / true");
  bench.CarryOut(id, off);
  EXPECT_EQ(bench.done_.back(), "detach registry");
}

}  // namespace
}  // namespace capstan::digitalocean
