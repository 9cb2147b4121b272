#include <capstan/core/managed/orphans.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include <capstan/core/base/json.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/credential_secret.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/reconciler.hpp>
#include <capstan/core/managed/record.hpp>

namespace capstan::managed {
namespace {

// The objects of one kind, reduced to what the search needs.
struct Objects {
  std::set<std::string> uids;
  std::set<std::string> named;  // ids named by an annotation: they wait for their adoption
  // "namespace/name" of the Secrets that may be used, each with a namespace that may use it.
  std::map<std::string, std::string> secrets;
};

Result<Objects> ReadObjects(kube::Client& client, const external::KindInfo& info, const Context& context) {
  Objects objects;
  kube::ListOptions options;
  do {
    auto head = client.List(
        KindOf(info), "", options,
        [&](std::string_view text) -> Status {
          CAPSTAN_TRY(const kube::Object object, kube::Object::Parse(std::string(text)));
          objects.uids.insert(object.uid());
          if (const auto mirror = ReadMirror(object)) objects.named.insert(mirror->id);
          const std::string secret = SecretToUse(object, info);
          if (!secret.empty()) objects.secrets.emplace(secret, object.metadata().namespace_);
          return {};
        },
        context);
    if (!head) {
      return Annotate(head.error(),
                      StrCat("cannot list the ", info.plural,
                             " of all namespaces; without that list no cloud object counts as an orphan"));
    }
    options.continue_token = head->continue_token;
  } while (!options.continue_token.empty());
  return objects;
}

// What was abandoned: id to reason.
std::map<std::string, std::string> AbandonedIds(const OrphanSearch& search, const Context& context) {
  std::map<std::string, std::string> why;
  const auto maps = search.client.ListAll(kube::ConfigMapKind(), search.operator_namespace, {}, context);
  if (!maps) return why;  // they only add information
  for (const kube::Object& map : *maps) {
    if (!map.metadata().name.starts_with(kAbandonedPrefix)) continue;
    const auto data = Json::Parse(map.ValueAt("/data").value_or("{}"));
    if (!data) continue;
    for (const auto& [name, text] : data->fields()) {
      const auto entry = Json::Parse(text.AsString());
      if (entry && !(*entry)["id"].AsString().empty())
        why[(*entry)["id"].AsString()] = (*entry)["why"].AsString();
    }
  }
  return why;
}

class Search {
 public:
  Search(const OrphanSearch& search, const Context& context)
      : search_(search), context_(context), owner_(kOwnerPrefix + search.owner_id) {}

  Result<OrphanReport> Run() {
    for (external::Provider* provider : search_.providers) {
      for (const external::KindInfo& info : provider->manifest().kinds)
        CAPSTAN_RETURN_IF_ERROR(SearchKind(*provider, info));
    }
    if (!report_.orphans.empty()) {
      const auto why = AbandonedIds(search_, context_);
      for (Orphan& orphan : report_.orphans)
        if (const auto found = why.find(orphan.id); found != why.end())
          orphan.abandoned_reason = found->second;
    }
    std::sort(report_.orphans.begin(), report_.orphans.end(), [](const Orphan& a, const Orphan& b) {
      return std::tie(a.plugin, a.kind, a.id) < std::tie(b.plugin, b.kind, b.id);
    });
    return std::move(report_);
  }

 private:
  struct Candidate {
    external::Observed seen;
    external::External* cloud;
  };

  Status SearchKind(external::Provider& provider, const external::KindInfo& info) {
    CAPSTAN_TRY(const Objects before, ReadObjects(search_.client, info, context_));
    std::map<std::string, Candidate> candidates;  // by id
    std::vector<std::unique_ptr<external::External>> clouds;
    for (const external::Credentials& credentials : CredentialsOf(info, before)) {
      auto cloud = provider.Connect(info.kind, credentials, context_);
      if (!cloud) {
        report_.problems.push_back(StrCat(info.kind, ": ", cloud.error().message));
        continue;
      }
      clouds.push_back(std::move(*cloud));
      CAPSTAN_RETURN_IF_ERROR(ListOwn(*clouds.back(), info, candidates));
    }
    if (candidates.empty()) return {};
    CAPSTAN_TRY(const Objects now, ReadObjects(search_.client, info, context_));
    for (const auto& [id, candidate] : candidates) {
      const std::string uid = candidate.seen.identity.substr(std::string_view(kIdentityPrefix).size());
      if (now.uids.count(uid) != 0 || now.named.count(id) != 0) continue;
      const auto again = candidate.cloud->Get(id, context_);
      if (!again) {
        report_.problems.push_back(StrCat(info.kind, " ", id, ": ", again.error().message));
        continue;
      }
      if (!*again || (*again)->identity != candidate.seen.identity) continue;
      Add(provider.manifest().name, info.kind, uid, **again);
    }
    return {};
  }

  // Credentials from the Secrets that objects name, and from the environment; without duplicates.
  std::vector<external::Credentials> CredentialsOf(const external::KindInfo& info, const Objects& objects) {
    std::map<std::string, external::Credentials> found;  // by content
    const auto add = [&found](external::Credentials credentials) {
      std::string all;
      for (const auto& [key, value] : credentials.data) all += StrCat(key, "=", value.Fingerprint(), "\n");
      found.emplace(std::move(all), std::move(credentials));
    };
    for (const auto& [name, namespace_] : objects.secrets) {
      const auto slash = name.find('/');
      const auto secret =
          search_.client.Get(kube::SecretKind(), {name.substr(0, slash), name.substr(slash + 1)}, context_);
      if (!secret) {
        report_.problems.push_back(StrCat(info.kind, ": Secret ", name, ": ", secret.error().message));
        continue;
      }
      if (!MayUse(*secret, namespace_)) continue;
      CredentialsRead read = CredentialsIn(*secret, info);
      if (read.missing.empty()) add(std::move(read.credentials));
    }
    if (search_.environment && !info.credential_keys.empty()) {
      CredentialsRead read = CredentialsFromEnvironment(info, search_.environment);
      if (read.missing.empty()) add(std::move(read.credentials));
    }
    std::vector<external::Credentials> all;
    for (auto& [what, credentials] : found) all.push_back(std::move(credentials));
    return all;
  }

  Status ListOwn(external::External& cloud, const external::KindInfo& info,
                 std::map<std::string, Candidate>& candidates) {
    std::string cursor;
    do {
      auto page = cloud.List(cursor, context_);
      if (!page) {
        const Error& error = page.error();
        if (error.code == Code::kCancelled || error.code == Code::kDeadlineExceeded) return Fail(error);
        report_.problems.push_back(
            StrCat(info.kind, ": ", error.message,
                   error.code == Code::kUnimplemented ? ", so nobody can find its orphans" : ""));
        return {};
      }
      for (external::Observed& seen : page->items) {
        if (seen.owner != owner_ || !seen.identity.starts_with(kIdentityPrefix)) continue;
        const std::string id = seen.id;
        candidates.emplace(id, Candidate{std::move(seen), &cloud});
      }
      cursor = page->next;
    } while (!cursor.empty());
    return {};
  }

  void Add(const std::string& plugin, const std::string& kind, const std::string& uid,
           const external::Observed& seen) {
    Orphan orphan;
    orphan.plugin = plugin;
    orphan.kind = kind;
    orphan.id = seen.id;
    orphan.name = seen.name;
    orphan.uid = uid;
    orphan.phase = external::PhaseName(seen.phase);
    orphan.created_at = seen.created_at;
    if (const auto status = Json::Parse(seen.status); status && (*status)["monthlyCost"].is_number())
      orphan.monthly_cost = (*status)["monthlyCost"].AsNumber();
    report_.orphans.push_back(std::move(orphan));
  }

  const OrphanSearch& search_;
  const Context& context_;
  const std::string owner_;
  OrphanReport report_;
};

}  // namespace

Result<OrphanReport> FindOrphans(const OrphanSearch& search, const Context& context) {
  return Search(search, context).Run();
}

}  // namespace capstan::managed
