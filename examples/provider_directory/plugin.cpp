// A complete provider in one file. Its cloud is a folder on this machine, its clusters are
// directories in it, each with a file cluster.json that describes the cluster. Build it with
// capstan_add_plugin, and load it like any other plugin.
#include <filesystem>
#include <fstream>
#include <sstream>

#include <capstan/sdk/cpp/json_api.hpp>

namespace provider_directory {
namespace fs = std::filesystem;
using namespace capstan::sdk;

constexpr char kCrd[] = R"({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
  "metadata": {"name": "directoryclusters.directory.example"},
  "spec": {"group": "directory.example", "scope": "Namespaced",
    "names": {"kind": "DirectoryCluster", "listKind": "DirectoryClusterList", "plural": "directoryclusters"},
    "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"properties": {
      "spec": {"type": "object", "required": ["size"], "properties": {"size": {"type": "integer", "minimum": 1}}},
      "status": {"type": "object", "properties": {"size": {"type": "integer"}}}}}}}]}})";

Json Parse(const std::string& text) { return Json::Parse(text).value_or(Json()); }

class Clusters final : public External {
 public:
  static Manifest Describe() {
    KindInfo kind;
    kind.group = "directory.example";
    kind.version = "v1";
    kind.kind = "DirectoryCluster";
    kind.plural = "directoryclusters";
    kind.id_status_field = "clusterID";
    kind.phase_status_field = "progress";

    Manifest manifest;
    manifest.name = "directory";
    manifest.version = "0.1.0";
    manifest.description = "Clusters that are directories.";
    manifest.kinds = {kind};
    manifest.crds = {kCrd};
    manifest.config_environment = {{"root", "DIRECTORY_ROOT"}};
    return manifest;
  }

  static Result<std::unique_ptr<External>> Open(const Setup& setup, const std::string&, const Credentials&) {
    const std::string root = Parse(setup.config)["root"].AsString();
    if (root.empty())
      return Fail(Code::kInvalidArgument, "no root is configured; set DIRECTORY_ROOT to a directory");
    return std::make_unique<Clusters>(setup, root);
  }

  Clusters(const Setup& setup, fs::path root) : setup_(setup), root_(std::move(root)) {}

  Result<std::optional<Observed>> Get(const std::string& id, const Context&) override { return Read(id); }
  Result<Account> WhoAmI(const Context&) override { return Account{root_.string(), "this machine"}; }

  Result<std::vector<Observed>> Find(const Identity& identity, const std::string& desired,
                                     const Context&) override {
    const std::string name = Parse(desired)["name"].AsString();
    std::vector<Observed> found;
    if (!fs::exists(root_)) return found;
    for (const auto& entry : fs::directory_iterator(root_)) {
      const auto seen = Read(entry.path().filename().string());
      if (seen && (seen->identity == identity.tag || seen->name == name)) found.push_back(*seen);
    }
    return found;
  }

  Outcome Create(const Identity& identity, const std::string& desired, const Context& context) override {
    const Json wanted = Parse(desired);
    const auto same = Find(identity, desired, context);
    if (same && !same->empty())
      return Rejected(Code::kAlreadyExists, "there is a directory of that name already");
    Json cluster;
    cluster.Set("name", wanted["name"]).Set("size", wanted["spec"]["size"]);
    cluster.Set("identity", identity.tag).Set("owner", identity.owner);
    cluster.Set("created", capstan::FormatRfc3339(setup_.clock.WallNow()));
    const std::string id = wanted["name"].AsString() + "-" + setup_.random.Suffix(6);
    // Created under another name and renamed, so that a reader sees all of it or nothing.
    const fs::path draft = root_ / ("." + id);
    fs::create_directories(draft);
    Write(draft / "cluster.json", cluster);
    fs::rename(draft, root_ / id);
    setup_.log.Info("made a directory", {{"id", id}});
    return Done(id);
  }

  Outcome Delete(const std::string& id, const DeleteOptions&, const Context&) override {
    if (!Read(id)) return NotFound();
    const fs::path gone = root_ / ("." + id + ".gone");
    fs::rename(root_ / id, gone);
    fs::remove_all(gone);
    return Done();
  }

  Result<Plan> MakePlan(const std::string& desired, const Observed& observed) const override {
    const Json size = Parse(desired)["spec"]["size"];
    Plan plan = observed.id.empty() ? PlanToCreate("directory", "there is no directory yet") : Plan{};
    AddChange(plan, observed, "scale", "spec.size", size, Parse(observed.state)["size"], "size");
    return plan;
  }

  Outcome Apply(const std::string& id, const Step& step, const Identity&, const Context&) override {
    if (!Read(id)) return NotFound();
    Json cluster = Document(id);
    cluster.Set("size", Parse(step.arguments)["size"]);
    Replace(id, cluster);
    return Done();
  }

  // All other fields in the file stay.
  Outcome Adopt(const std::string& id, const Identity& identity, const Context&) override {
    if (!Read(id)) return NotFound();
    Json cluster = Document(id);
    cluster.Set("identity", identity.tag).Set("owner", identity.owner);
    Replace(id, cluster);
    return Done();
  }

 private:
  // Renames the new file into place: a reader sees all of the old or all of the new.
  void Replace(const std::string& id, const Json& cluster) const {
    Write(root_ / id / "cluster.json.new", cluster);
    fs::rename(root_ / id / "cluster.json.new", root_ / id / "cluster.json");
  }
  static void Write(const fs::path& path, const Json& json) { std::ofstream(path) << json.ToText(); }

  Json Document(const std::string& id) const {
    std::ostringstream text;
    text << std::ifstream(root_ / id / "cluster.json").rdbuf();
    return Parse(text.str());
  }

  std::optional<Observed> Read(const std::string& id) const {
    if (id.starts_with(".") || id.find('/') != std::string::npos || !fs::exists(root_ / id / "cluster.json"))
      return {};
    const Json cluster = Document(id);
    Observed seen;
    seen.id = id;
    seen.name = cluster["name"].AsString();
    seen.identity = cluster["identity"].AsString();
    seen.owner = cluster["owner"].AsString();
    seen.created_at = cluster["created"].AsString();
    seen.phase = Phase::kReady;
    seen.status = Json().Set("size", cluster["size"]).Set("progress", "ready").ToText();
    seen.state = cluster.ToText();
    return seen;
  }

  const Setup setup_;
  const fs::path root_;
};

}  // namespace provider_directory

CAPSTAN_PLUGIN(provider_directory::Clusters, "directory", "0.1.0", "directory.example/DirectoryCluster");
