#include <capstan/apps/capstan/local/tour.hpp>

#include <algorithm>
#include <functional>
#include <vector>

#include <capstan/apps/capstan/local/embedded_files.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/json/yaml.hpp>
#include <capstan/core/kube/conditions.hpp>

namespace capstan::app {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const kube::Kind kClusterKind = {"anutosh491.dev", "v1alpha1", "DigitalOceanCluster", "digitaloceanclusters",
                                 true};
const kube::ObjectKey kCluster = {"default", "quickstart"};
constexpr Duration kStepPeriod = milliseconds(250);
constexpr Duration kStepTimeout = seconds(120);

bool Is(const kube::Object& object, std::string_view condition, std::string_view status) {
  const auto found = kube::ConditionIn(object, condition);
  return found && found->status == status;
}

class Tour {
 public:
  Tour(const TourParts& parts, const Context& context) : parts_(parts), context_(context) {}

  Status Run() {
    CAPSTAN_RETURN_IF_ERROR(WaitForCrd());
    CAPSTAN_RETURN_IF_ERROR(Apply());
    CAPSTAN_RETURN_IF_ERROR(WaitUntilReady());
    CAPSTAN_RETURN_IF_ERROR(ShowCluster());
    return DeleteAndWait();
  }

 private:
  // Calls `look` repeatedly until it is done or fails; updates the display meanwhile.
  Status Until(const std::string& what, const std::function<Result<bool>()>& look) {
    const Instant limit = After(parts_.scheduler.Now(), kStepTimeout);
    for (;;) {
      CAPSTAN_TRY(const bool done, look());
      if (done) return {};
      parts_.display.Tick();
      if (parts_.scheduler.Sleep(kStepPeriod, context_) == Woke::kStopped)
        return Fail(Code::kCancelled, "interrupted");
      if (parts_.scheduler.Now() > limit)
        return Fail(Code::kDeadlineExceeded, what + " took longer than 2 minutes");
    }
  }

  Status WaitForCrd() {
    parts_.display.Begin("waiting for the operator to install its CustomResourceDefinition");
    const kube::ObjectKey key{"", kClusterKind.resource()};
    CAPSTAN_RETURN_IF_ERROR(Until("installing the CRD", [&]() -> Result<bool> {
      const auto crd = parts_.kubernetes.Get(kube::CustomResourceDefinitionKind(), key, context_);
      if (!crd && crd.error().code == Code::kNotFound) return false;
      if (!crd) return Fail(crd.error());
      return Is(*crd, "Established", "True");
    }));
    parts_.display.Done("CRD " + kClusterKind.resource() + " is installed and established");
    return {};
  }

  Status Apply() {
    parts_.display.Begin("applying the example");
    for (const std::string& document : Documents()) {
      CAPSTAN_TRY(json::Tree tree, json::ParseYaml(document));
      const auto object = json::AsObject(tree);
      if (!object) return Fail(Code::kInternal, "the embedded example is not an object");
      const bool secret = json::StringIn(object, "kind") == "Secret";
      if (secret)
        json::ObjectIn(object, "stringData")->set("token", std::string(parts_.cloud_token.Reveal()));
      CAPSTAN_RETURN_IF_ERROR(
          CreateOrReplace(secret ? kube::SecretKind() : kClusterKind, json::ToText(object)));
    }
    parts_.display.Done("DigitalOceanCluster default/quickstart is applied");
    for (const std::string& line : Split(Documents().back(), '\n')) {
      if (!Trim(line).empty()) parts_.display.Detail(line);
    }
    return {};
  }

  // The example without its comments, split into documents.
  static std::vector<std::string> Documents() {
    std::vector<std::string> documents(1);
    for (const std::string& line : Split(kQuickstartYaml, '\n')) {
      if (line == "---") {
        documents.emplace_back();
      } else if (line.rfind('#', 0) != 0) {
        documents.back() += line + "\n";
      }
    }
    return documents;
  }

  Status CreateOrReplace(const kube::Kind& kind, const std::string& text) {
    auto made = parts_.kubernetes.Create(kind, kCluster.namespace_, text, context_);
    if (made) return {};
    if (made.error().code != Code::kAlreadyExists) return Fail(made.error());
    // An interrupted tour on the same data directory left it behind: the merge patch restores it.
    CAPSTAN_TRY(const kube::Object object, kube::Object::Parse(text));
    CAPSTAN_TRY(const auto patched,
                parts_.kubernetes.Patch(kind, {kCluster.namespace_, object.metadata().name},
                                        kube::PatchType::kMerge, text, {}, context_));
    (void)patched;
    return {};
  }

  Status WaitUntilReady() {
    parts_.display.Begin("the cloud makes the cluster:");
    bool announced = false;
    const Instant began = parts_.scheduler.Now();
    std::string last_problem;
    auto status = Until("becoming Ready", [&]() -> Result<bool> {
      CAPSTAN_TRY(const kube::Object object, parts_.kubernetes.Get(kClusterKind, kCluster, context_));
      const std::string progress = object.StringAt("/status/progress").value_or("pending");
      const std::string id = object.StringAt("/status/clusterID").value_or("");
      if (!id.empty() && !announced) {
        announced = true;
        parts_.display.Done("DigitalOcean accepted the cluster, its id is " + id);
        parts_.display.Begin("the cloud provisions it:");
      }
      last_problem.clear();
      const auto synced = kube::ConditionIn(object, "Synced");
      if (synced && synced->status == "False" && synced->reason != "Waiting")
        last_problem = synced->reason + ": " + synced->message;
      if (Is(object, "Ready", "True") && object.StringAt("/status/kubeConfigSecret")) return true;
      const double elapsed = std::chrono::duration<double>(parts_.scheduler.Now() - began).count();
      const double expected = std::chrono::duration<double>(parts_.expected).count() + 1;
      parts_.display.Update("progress " + progress + (last_problem.empty() ? "" : ", " + last_problem),
                            std::min(0.95, elapsed / expected));
      return false;
    });
    if (!status && !last_problem.empty()) return Annotate(status.error(), last_problem);
    CAPSTAN_RETURN_IF_ERROR(status);
    parts_.display.Done("DigitalOceanCluster default/quickstart is Ready");
    return {};
  }

  Status ShowCluster() {
    CAPSTAN_TRY(const kube::Object object, parts_.kubernetes.Get(kClusterKind, kCluster, context_));
    cluster_id_ = object.StringAt("/status/clusterID").value_or("");
    const std::string secret_name = object.StringAt("/status/kubeConfigSecret").value_or("");
    parts_.display.Detail("endpoint   " + object.StringAt("/status/endpoint").value_or("?"));
    parts_.display.Detail("version    " + object.StringAt("/status/version").value_or("?"));
    CAPSTAN_TRY(const auto tree, json::ParseObject(object.json()));
    for (const auto& pool : json::ObjectsIn(json::ObjectIn(tree, "status"), "nodePools")) {
      parts_.display.Detail(StrCat("node pool  ", json::StringIn(pool, "name").value_or("?"), ": ",
                                   json::IntegerIn(pool, "readyNodes").value_or(0), " of ",
                                   json::IntegerIn(pool, "count").value_or(0), " nodes ready, size ",
                                   json::StringIn(pool, "size").value_or("?")));
    }
    CAPSTAN_TRY(const kube::Object secret,
                parts_.kubernetes.Get(kube::SecretKind(), {kCluster.namespace_, secret_name}, context_));
    if (!secret.StringAt("/data/kubeconfig")) {
      return Fail(Code::kDataLoss, "Secret default/" + secret_name + " has no key kubeconfig");
    }
    parts_.display.Detail("kubeconfig Secret default/" + secret_name + ", key kubeconfig");
    return {};
  }

  Status DeleteAndWait() {
    parts_.display.Begin("deleting DigitalOceanCluster default/quickstart");
    CAPSTAN_RETURN_IF_ERROR(parts_.kubernetes.Delete(kClusterKind, kCluster, {}, context_));
    CAPSTAN_RETURN_IF_ERROR(Until("deleting", [&]() -> Result<bool> {
      const auto object = parts_.kubernetes.Get(kClusterKind, kCluster, context_);
      if (object) {
        parts_.display.Update("progress " + object->StringAt("/status/progress").value_or("?"));
        return false;
      }
      if (object.error().code != Code::kNotFound) return Fail(object.error());
      return true;
    }));
    parts_.display.Done("DigitalOceanCluster default/quickstart is deleted");
    http::Request request{"GET", parts_.cloud_url + "/v2/kubernetes/clusters/" + cluster_id_, {}, ""};
    request.headers.Set("Authorization", "Bearer " + std::string(parts_.cloud_token.Reveal()));
    CAPSTAN_TRY(const http::Response answer,
                parts_.cloud.Send(request, context_.Within(parts_.scheduler, seconds(10))));
    if (answer.status != 404) {
      return Fail(Code::kFailedPrecondition,
                  StrCat("the cloud still answers ", answer.status, " for cluster ", cluster_id_));
    }
    parts_.display.Done("the cloud answers 404 for cluster " + cluster_id_ +
                        ": it is gone, nothing is left behind");
    return {};
  }

  const TourParts& parts_;
  const Context context_;
  std::string cluster_id_;
};

}  // namespace

Status RunTour(const TourParts& parts, const Context& context) { return Tour(parts, context).Run(); }

}  // namespace capstan::app
