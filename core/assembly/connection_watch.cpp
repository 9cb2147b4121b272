#include <capstan/core/assembly/connection_watch.hpp>

#include <map>

#include <capstan/core/base/trouble_reports.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/runtime/metadata_watch.hpp>

namespace capstan::assembly {
namespace {

constexpr Duration kAskAgain = std::chrono::minutes(10);

kube::ObjectKey KeyOf(const json::Metadata& metadata) { return {metadata.namespace_, metadata.name}; }
std::string VersionOf(const json::Metadata& metadata) { return metadata.uid + metadata.resource_version; }

bool Owns(const kube::Kind& kind, const json::OwnerReference& owner) {
  return owner.controller && owner.kind == kind.kind &&
         owner.api_version.substr(0, owner.api_version.find('/')) == kind.group;
}

}  // namespace

bool ConnectionWatch::WaitForTheRight(const std::string& namespace_, const Context& context) {
  TroubleReports reports(TroubleReports::kOnce);
  for (;;) {
    kube::ListOptions one;
    one.label_selector = managed::kConnectionLabel;
    one.limit = 1;
    const auto listed = client_.ListMetadata(
        kube::SecretKind(), namespace_, one, [](std::string_view) { return Status(); }, context);
    // Any other problem is left to the watch, which retries.
    if (listed || listed.error().code != Code::kPermissionDenied) return !context.stopped();
    if (reports.IsNews(listed.error(), scheduler_.Now())) {
      log_.Info(
          "may not watch Secrets: an edited connection Secret is repaired within minutes; grant list and "
          "watch on secrets to have it repaired at once",
          {{"namespace", namespace_.empty() ? "all" : namespace_}, {"error", listed.error().message}});
    }
    if (scheduler_.Sleep(kAskAgain, context) == Woke::kStopped) return false;
  }
}

void ConnectionWatch::Notify(const json::Metadata& secret, const std::string& version) {
  for (const json::OwnerReference& owner : secret.owners) {
    for (const Follower& follower : followers_) {
      managed::ManagedReconciler* const reconciler = follower.reconciler();
      if (reconciler == nullptr || !Owns(follower.kind, owner)) continue;
      const kube::ObjectKey object{follower.kind.namespaced ? secret.namespace_ : "", owner.name};
      if (reconciler->ConnectionSeen(object, KeyOf(secret), version)) follower.reconcile_now(object);
    }
  }
}

// The list is not cached: the reconcilers know how they left each Secret.
void ConnectionWatch::NotifyAll(const std::string& namespace_, const std::vector<json::Metadata>& secrets) {
  std::map<kube::ObjectKey, std::string> versions;
  for (const json::Metadata& secret : secrets) versions[KeyOf(secret)] = VersionOf(secret);
  for (const Follower& follower : followers_) {
    managed::ManagedReconciler* const reconciler = follower.reconciler();
    if (reconciler == nullptr) continue;
    for (const auto& object : reconciler->ConnectionsListed(namespace_, versions))
      follower.reconcile_now(object);
  }
}

void ConnectionWatch::Run(const std::string& namespace_, const Context& context) {
  if (!WaitForTheRight(namespace_, context)) return;
  runtime::MetadataWatch(client_, scheduler_, random_, log_,
                         {kube::SecretKind(), namespace_, managed::kConnectionLabel,
                          [&](const std::vector<json::Metadata>& secrets) { NotifyAll(namespace_, secrets); },
                          [&](const json::Metadata& secret) { Notify(secret, VersionOf(secret)); },
                          [&](const json::Metadata& secret) { Notify(secret, ""); }})
      .Run(context);
}

}  // namespace capstan::assembly
