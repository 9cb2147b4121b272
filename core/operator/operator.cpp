#include <capstan/core/operator/operator.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <capstan/core/base/text.hpp>
#include <capstan/core/runtime/label_selector.hpp>

namespace capstan {
namespace {

Failure Wrong(std::string message) { return Fail(Code::kInvalidArgument, std::move(message)); }

Status CheckController(const ControllerSpec& spec) {
  const std::string who = "controller " + spec.name;
  if (spec.kind.version.empty() || spec.kind.kind.empty() || spec.kind.plural.empty())
    return Wrong(StrCat(who, ": a kind needs a version, a name and a plural"));
  if (!IsDnsLabel(spec.name))
    return Wrong(StrCat("\"", spec.name, "\" cannot be the name of a controller: it is no DNS label"));
  if (!spec.reconcile) return Wrong(who + " has no reconcile function: add Reconcile");
  if (const auto selector = runtime::LabelSelector::Parse(spec.selector); !selector)
    return Wrong(StrCat(who, ": Select(\"", spec.selector, "\"): ", selector.error().message));
  if (spec.workers < 0 || spec.workers > 1024) return Wrong(who + ": Workers is between 1 and 1024");
  if (spec.timeout <= Duration::zero()) return Wrong(who + ": Timeout must be longer than nothing");
  for (const kube::Kind& kind : spec.owns) {
    if (spec.kind.namespaced && !kind.namespaced) {
      return Wrong(StrCat(who, ": ", kind.kind, " is cluster-scoped and cannot be owned by ", spec.kind.kind,
                          ", which has a namespace: use Makes"));
    }
    if (std::find(spec.makes.begin(), spec.makes.end(), kind) != spec.makes.end())
      return Wrong(StrCat(who, ": ", kind.kind, " is either owned or made, not both"));
  }
  return {};
}

}  // namespace

Operator::Operator(OperatorOptions options) : options_(std::move(options)) { AddFlags(); }

void Operator::AddFlags() {
  flags_.Add("kubeconfig", &options_.kubeconfig,
             "path to the kubeconfig file (default: $KUBECONFIG, then ~/.kube/config, then the service "
             "account of the pod)");
  flags_.Add("context", &options_.context, "kubeconfig context to use (default: its current-context)");
  flags_.Add("namespaces", &options_.namespaces, "comma-separated namespaces to watch (default: all)");
  flags_.Add("workers", &options_.workers, 1, 1024, "concurrent reconciles per kind");
  flags_.Add("operator_namespace", &options_.operator_namespace,
             "namespace for the operator's own Lease (default: $POD_NAMESPACE, else that of the kubeconfig "
             "context)");
  flags_.Add("leader_elect", &options_.leader_elect,
             "elect a leader by Lease: one process reconciles, the others wait with warm caches");
  flags_.Add("health_address", &options_.health_address,
             "address of /healthz, /readyz and /metrics, such as 127.0.0.1:8081; port 0 takes a free one, "
             "which the log names (default: not served)");
  flags_.Add("log_format", &options_.log_format, "format of log lines: text (key=value) or json");
  flags_.Add("log_level", &options_.log_level, "least severe level to log: debug, info, warning or error");
  flags_.Add("log_levels", &options_.log_levels,
             "levels of single modules, such as controller=debug,watch=error");
  flags_.Add("version", &show_version_, "print the version and exit");
  flags_.Add("print_rules", &print_rules_,
             "print the rights that the operator needs, as JSON, and exit; `capstan generate rbac` turns "
             "them into roles");
}

Operator& Operator::Index(kube::Kind kind, std::string index,
                          std::function<std::vector<std::string>(const kube::Object&)> values) {
  indexes_.push_back({std::move(kind), std::move(index), std::move(values)});
  return *this;
}

Operator& Operator::Extend(std::function<void(RunningOperator&)> extend,
                           std::function<std::vector<AccessRule>()> rules) {
  extensions_.push_back(std::move(extend));
  if (rules) extension_rules_.push_back(std::move(rules));
  return *this;
}

std::string Operator::domain() const {
  return options_.domain.empty() ? options_.name + ".operator" : options_.domain;
}

std::vector<const ControllerSpec*> Operator::controllers() const {
  std::vector<const ControllerSpec*> all;
  for (const auto& entry : entries_) all.push_back(&entry->spec);
  return all;
}

Status Operator::Check() const {
  if (!IsDnsLabel(options_.name))
    return Wrong(StrCat("\"", options_.name, "\" cannot be the name of an operator: it is no DNS label"));
  if (!IsDnsSubdomain(domain()))
    return Wrong(StrCat("\"", domain(), "\" cannot be the domain of an operator: it is no DNS name"));
  for (const std::string& name : options_.namespaces) {
    if (!IsDnsLabel(name))
      return Wrong(StrCat("--namespaces: \"", name, "\" cannot be the name of a namespace"));
  }
  const auto all = controllers();
  if (all.empty() && extensions_.empty()) return Wrong("the operator has no controller: add For");
  std::set<std::string> names;
  for (const ControllerSpec* spec : all) {
    CAPSTAN_RETURN_IF_ERROR(CheckController(*spec));
    if (!names.insert(spec->name).second)
      return Wrong(StrCat("two controllers are called ", spec->name, ": call one otherwise with Named"));
  }
  for (const IndexSpec& index : indexes_) {
    if (!index.values) return Wrong(StrCat("index ", index.name, " has no function"));
  }
  return {};
}

std::vector<AccessRule> Operator::Rules() const {
  std::map<std::tuple<std::string, std::string, bool>, std::set<std::string>> rules;
  const auto may = [&](const kube::Kind& kind, std::string_view subresource,
                       const std::set<std::string>& verbs, bool everywhere = true) {
    auto& all = rules[{kind.group, kind.plural + std::string(subresource), everywhere}];
    all.insert(verbs.begin(), verbs.end());
  };
  const std::set<std::string> watch = {"get", "list", "watch"};
  const std::set<std::string> make = {"get", "list", "watch", "create", "patch", "delete"};
  for (const ControllerSpec* spec : controllers()) {
    may(spec->kind, "", watch);
    // The server requires permission to set finalizers if blockOwnerDeletion is set.
    if (!spec->owns.empty()) may(spec->kind, "/finalizers", {"update"});
    if (spec->cleanup) may(spec->kind, "", {"patch"});
    if (spec->content == Content::kWhole) may(spec->kind, "/status", {"patch"});
    for (const kube::Kind& kind : spec->owns) may(kind, "", make);
    for (const kube::Kind& kind : spec->makes) may(kind, "", make);
    for (const auto& watched : spec->watches) may(watched.kind, "", watch);
  }
  may(kube::EventKind(), "", {"create", "patch"});
  may(kube::EventKind(), "", {"create", "patch"}, false);  // about the Lease
  may(kube::LeaseKind(), "", {"get", "create", "patch"}, false);
  for (const auto& extension : extension_rules_) {
    for (const AccessRule& rule : extension()) {
      auto& all = rules[{rule.group, rule.resource, rule.everywhere}];
      all.insert(rule.verbs.begin(), rule.verbs.end());
    }
  }
  std::vector<AccessRule> sorted;
  for (const auto& [where, verbs] : rules)
    sorted.push_back(
        {std::get<0>(where), std::get<1>(where), {verbs.begin(), verbs.end()}, std::get<2>(where)});
  return sorted;
}

std::string Operator::RulesText() const {
  Json rules = Json::EmptyArray();
  for (const AccessRule& rule : Rules()) {
    Json verbs = Json::EmptyArray();
    for (const std::string& verb : rule.verbs) verbs.Append(verb);
    rules.Append(Json()
                     .Set("group", rule.group)
                     .Set("resource", rule.resource)
                     .Set("verbs", std::move(verbs))
                     .Set("everywhere", rule.everywhere));
  }
  return rules.ToText();
}

int Operator::Run(int argc, char** argv) {
  return Run(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
}

}  // namespace capstan
