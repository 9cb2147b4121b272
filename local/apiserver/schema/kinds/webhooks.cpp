// Admission webhooks: their addresses, and the requests that they match.
#include <algorithm>
#include <set>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/names.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/schema/kinds/judges.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;
using json::TextIn;
using Errors = std::vector<FieldError>;

constexpr std::string_view kForm = "; desired format: https://host[/path]";

void JudgeUrl(const std::string& url, const std::string& path, Errors& errors) {
  const std::size_t colon = url.find(':');
  const bool schemed = colon != std::string::npos && colon > 0 && url.find('/') > colon;
  if (colon == 0 || url.find(' ') != std::string::npos) {
    errors.push_back(RequiredField(
        path, StrCat("url must be a valid URL: parse \"", url,
                     colon == 0 ? "\": missing protocol scheme" : "\": invalid character", kForm)));
    return;
  }
  const std::string scheme = schemed ? ToLower(url.substr(0, colon)) : "";
  if (scheme != "https") {
    errors.push_back(InvalidField(path, scheme, StrCat("'https' is the only allowed URL scheme", kForm)));
  }
  std::string rest = schemed ? url.substr(colon + 1) : url;
  const std::size_t hash = rest.find('#');
  const std::string fragment = hash == std::string::npos ? "" : rest.substr(hash + 1);
  rest = rest.substr(0, hash);
  const std::size_t mark = rest.find('?');
  const std::string query = mark == std::string::npos ? "" : rest.substr(mark + 1);
  rest = rest.substr(0, mark);
  const bool has_authority = rest.rfind("//", 0) == 0;
  std::string host = has_authority ? rest.substr(2, rest.find('/', 2) - 2) : "";
  const std::size_t at = host.rfind('@');
  const std::string user = at == std::string::npos ? "" : host.substr(0, at);
  if (at != std::string::npos) host = host.substr(at + 1);
  if (host.empty()) errors.push_back(InvalidField(path, host, StrCat("host must be provided", kForm)));
  if (!user.empty())
    errors.push_back(InvalidField(path, user, "user information is not permitted in the URL"));
  if (!fragment.empty())
    errors.push_back(InvalidField(path, fragment, "fragments are not permitted in the URL"));
  if (!query.empty())
    errors.push_back(InvalidField(path, query, "query parameters are not permitted in the URL"));
}

void JudgeClientConfig(const ObjectPtr& config, const std::string& path, Errors& errors) {
  const bool has_url = config->has("url"), has_service = json::ObjectIn(config, "service") != nullptr;
  if (has_url == has_service) {
    errors.push_back(RequiredField(path, "exactly one of url or service is required"));
  } else if (has_url) {
    JudgeUrl(TextIn(config, "url"), path + ".url", errors);
  }
}

void JudgePathOfService(const std::string& where, const std::string& path, Errors& errors) {
  if (where.empty() || where == "/") return;
  if (where == "//") {
    errors.push_back(InvalidField(path, where, "segment[0] may not be empty"));
    return;
  }
  if (where.front() != '/') errors.push_back(InvalidField(path, where, "must start with a '/'"));
  std::string steps = where.substr(1);
  if (!steps.empty() && steps.back() == '/') steps.pop_back();
  std::size_t index = 0;
  for (const std::string& step : Split(steps, '/')) {
    const std::string segment = StrCat("segment[", index++, "]");
    if (step.empty()) {
      errors.push_back(InvalidField(path, where, segment + " may not be empty"));
    } else if (const std::string why = CheckSubdomainName(step); !why.empty()) {
      errors.push_back(InvalidField(path, where, StrCat(segment, ": ", why)));
    }
  }
}

void JudgeServiceReference(const ObjectPtr& service, const std::string& path, Errors& errors) {
  // Kubernetes treats the two alike.
  if (TextIn(service, "namespace").empty())
    errors.push_back(RequiredField(path + ".name", "service name is required"));
  if (TextIn(service, "name").empty())
    errors.push_back(RequiredField(path + ".namespace", "service namespace is required"));
  JudgePathOfService(TextIn(service, "path"), path + ".path", errors);
  const auto port = json::IntegerIn(service, "port").value_or(443);
  if (port < 1 || port > 65535) {
    errors.push_back(
        InvalidField(path + ".port", port, "port is not valid: must be between 1 and 65535, inclusive"));
  }
}

// A list in which "*" matches everything.
void JudgeWildcard(const ObjectPtr& rule, const char* field, const char* others, const std::string& path,
                   Errors& errors) {
  const auto words = json::StringsIn(rule, field);
  if (words.size() > 1 && std::find(words.begin(), words.end(), "*") != words.end()) {
    errors.push_back(InvalidField(StrCat(path, ".", field), rule->get(field),
                                  StrCat("if '*' is present, must not specify other ", others)));
  }
}

void JudgeResourceWords(const ObjectPtr& rule, const std::string& path, Errors& errors) {
  const auto resources = json::StringsIn(rule, "resources");
  std::set<std::string> of_all_parts, of_all_resources;
  std::size_t whole = 0;
  for (std::size_t i = 0; i < resources.size(); ++i) {
    const std::string& one = resources[i];
    const std::string at = StrCat(path, "[", i, "]");
    if (one.empty()) errors.push_back(RequiredField(at, ""));
    const std::size_t slash = one.find('/');
    if (!one.empty() && slash == std::string::npos) ++whole;
    if (slash == std::string::npos) continue;
    const std::string resource = one.substr(0, slash), part = one.substr(slash + 1);
    if (of_all_parts.count(resource) > 0) {
      errors.push_back(
          InvalidField(at, one, StrCat("if '", resource, "/*' is present, must not specify ", one)));
    }
    if (of_all_resources.count(part) > 0)
      errors.push_back(InvalidField(at, one, StrCat("if '*/", part, "' is present, must not specify ", one)));
    if (part == "*") of_all_parts.insert(resource);
    if (resource == "*") of_all_resources.insert(part);
  }
  const auto names = [&resources](const char* word) {
    return std::find(resources.begin(), resources.end(), word) != resources.end();
  };
  if (resources.size() > 1 && names("*/*")) {
    errors.push_back(
        InvalidField(path, rule->get("resources"), "if '*/*' is present, must not specify other resources"));
  }
  if (whole > 1 && names("*")) {
    errors.push_back(
        InvalidField(path, rule->get("resources"),
                     "if '*' is present, must not specify other resources without subresources"));
  }
}

void JudgeRule(const ObjectPtr& rule, const std::string& path, Errors& errors) {
  JudgeWildcard(rule, "apiGroups", "API groups", path, errors);
  JudgeWildcard(rule, "apiVersions", "API versions", path, errors);
  const auto versions = json::StringsIn(rule, "apiVersions");
  for (std::size_t i = 0; i < versions.size(); ++i) {
    if (versions[i].empty()) errors.push_back(RequiredField(StrCat(path, ".apiVersions[", i, "]"), ""));
  }
  JudgeResourceWords(rule, path + ".resources", errors);
}

void JudgeOperations(const ObjectPtr& rule, const std::string& path, Errors& errors) {
  JudgeWildcard(rule, "operations", "operations", path, errors);
}

void JudgeReviewVersions(const ObjectPtr& hook, const std::string& path, Errors& errors) {
  const auto versions = json::StringsIn(hook, "admissionReviewVersions");
  std::set<std::string> seen;
  for (std::size_t i = 0; i < versions.size(); ++i) {
    const std::string at = StrCat(path, "[", i, "]");
    if (!seen.insert(versions[i]).second) {
      errors.push_back(InvalidField(at, versions[i], "duplicate version"));
    } else if (const std::string why = CheckDns1035Label(versions[i]); !why.empty()) {
      errors.push_back(InvalidField(at, versions[i], why));
    }
  }
  if (versions.empty()) errors.push_back(RequiredField(path, "must specify one of v1, v1beta1"));
  if (!versions.empty() && seen.count("v1") == 0 && seen.count("v1beta1") == 0) {
    errors.push_back(
        InvalidField(path, hook->get("admissionReviewVersions"), "must include at least one of v1, v1beta1"));
  }
}

void JudgeHook(const ObjectPtr& hook, const std::string& path, Errors& errors) {
  const std::string name = TextIn(hook, "name");
  std::string why = name.empty() ? "" : CheckSubdomainName(name);
  if (why.empty() && !name.empty() && std::count(name.begin(), name.end(), '.') < 2)
    why = "should be a domain with at least three segments separated by dots";
  if (!why.empty()) errors.push_back(InvalidField(path + ".name", name, why));
  const auto seconds = json::IntegerIn(hook, "timeoutSeconds").value_or(10);
  if (seconds < 1 || seconds > 30) {
    errors.push_back(InvalidField(path + ".timeoutSeconds", seconds,
                                  "the timeout value must be between 1 and 30 seconds"));
  }
  if (TextIn(hook, "sideEffects").empty())
    errors.push_back(RequiredField(path + ".sideEffects", "must specify one of None, NoneOnDryRun"));
  JudgeReviewVersions(hook, path + ".admissionReviewVersions", errors);
}

}  // namespace

std::vector<KindJudge> WebhookJudges() {
  return {{"admissionregistration.WebhookClientConfig", JudgeClientConfig},
          {"admissionregistration.ServiceReference", JudgeServiceReference},
          {"admissionregistration.Rule", JudgeRule},
          {"admissionregistration.RuleWithOperations", JudgeOperations},
          {"admissionregistration.ValidatingWebhook", JudgeHook},
          {"admissionregistration.MutatingWebhook", JudgeHook}};
}

}  // namespace capstan::apiserver
