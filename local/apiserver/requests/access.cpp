#include <capstan/local/apiserver/requests/access.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>

namespace capstan::apiserver {
namespace {

// Everything, or nothing at all.
json::ObjectPtr AllowEverything(bool powerless) {
  json::ObjectPtr rules = json::MakeObject();
  json::ObjectPtr resource = json::MakeObject(), path = json::MakeObject();
  for (const char* key : {"verbs", "apiGroups", "resources"}) SetStrings(resource, key, {"*"});
  for (const char* key : {"verbs", "nonResourceURLs"}) SetStrings(path, key, {"*"});
  json::ArrayPtr resources = json::MakeArray(), paths = json::MakeArray();
  if (!powerless) resources->add(resource), paths->add(path);
  rules->set("resourceRules", resources);
  rules->set("nonResourceRules", paths);
  rules->set("incomplete", false);
  return rules;
}

// Who is meant by somebody who may be anybody: kubectl --as and --as-group.
User Impersonated(User user, const http::Headers& headers) {
  const auto name = headers.Get("Impersonate-User");
  if (!name || user.anonymous) return user;
  user = User{std::string(*name), {}, false};
  for (const auto& [header, value] : headers.fields()) {
    if (EqualsIgnoreCase(header, "Impersonate-Group")) user.groups.push_back(value);
  }
  user.powerless = std::find(user.groups.begin(), user.groups.end(), "system:masters") == user.groups.end();
  user.groups.emplace_back("system:authenticated");
  return user;
}

// What of another identity is asked for without saying whose; empty: nothing.
std::string LonelyImpersonation(const http::Headers& headers) {
  if (headers.Get("Impersonate-User")) return {};
  std::vector<std::string> parts;
  constexpr std::string_view kExtra = "impersonate-extra-";
  for (const auto& [header, value] : headers.fields()) {
    const std::string name = ToLower(header);
    if (name == "impersonate-group") parts.push_back(StrCat("{Group  ", value, "    }"));
    if (name == "impersonate-uid") parts.push_back(StrCat("{UID  ", value, "    }"));
    if (name.rfind(kExtra, 0) == 0)
      parts.push_back(StrCat("{UserExtra  ", value, "  ", name.substr(kExtra.size()), " }"));
  }
  return Join(parts, " ");
}

// What everybody may see: health, version, what is served, and what one may do.
bool IsOpen(const User& user, const RequestInfo& info) {
  if (info.is_resource) return user.powerless && info.group == "authorization.k8s.io";
  std::vector<std::string_view> open = {"/healthz", "/livez", "/readyz", "/version"};
  if (user.powerless) open.insert(open.end(), {"/api", "/apis", "/openapi"});
  return std::any_of(open.begin(), open.end(), [&info](std::string_view path) {
    return info.path == path || info.path.rfind(std::string(path) + "/", 0) == 0;
  });
}

}  // namespace

Answer<User> Tokens::Authenticate(const http::Headers& headers) const {
  if (const std::string part = LonelyImpersonation(headers); !part.empty())
    return Refuse(500, "InternalError", StrCat("requested [", part, "] without impersonating a user"));
  CAPSTAN_ANSWER(User user, Known(headers));
  return Impersonated(std::move(user), headers);
}

Answer<User> Tokens::Known(const http::Headers& headers) const {
  MutexLock lock(mutex_);
  if (!checked_) return User{"admin", {"system:masters", "system:authenticated"}, false};
  auto header = headers.Get("Authorization");
  if (!header) return User{"system:anonymous", {"system:unauthenticated"}, true};
  constexpr std::string_view kScheme = "Bearer ";
  if (header->size() > kScheme.size() && EqualsIgnoreCase(header->substr(0, kScheme.size()), kScheme)) {
    const Secret given(std::string(Trim(header->substr(kScheme.size()))));
    for (const TokenUser& known : tokens_) {
      if (!(known.token == given)) continue;
      User user{known.user, known.groups, false};
      user.groups.emplace_back("system:authenticated");
      return user;
    }
  }
  return Refuse(401, "Unauthorized", "Unauthorized");
}

void Tokens::Add(TokenUser token) {
  MutexLock lock(mutex_);
  checked_ = true;
  tokens_.push_back(std::move(token));
}

void Tokens::Revoke(const Secret& token) {
  MutexLock lock(mutex_);
  tokens_.erase(std::remove_if(tokens_.begin(), tokens_.end(),
                               [&](const TokenUser& known) { return known.token == token; }),
                tokens_.end());
}

Done Authorize(const User& user, const RequestInfo& info) {
  if ((!user.anonymous && !user.powerless) || IsOpen(user, info)) return {};
  if (!info.is_resource) {
    return RefuseAbout(403, "Forbidden",
                       StrCat("forbidden: User \"", user.name, "\" cannot ", ToLower(info.method), " path \"",
                              info.path, "\""),
                       "", "", "");
  }
  std::string resource =
      info.subresource.empty() ? info.resource : StrCat(info.resource, "/", info.subresource);
  std::string why = StrCat("User \"", user.name, "\" cannot ", info.verb, " resource \"", resource,
                           "\" in API group \"", info.group, "\"",
                           info.namespace_.empty() ? std::string(" at the cluster scope")
                                                   : StrCat(" in the namespace \"", info.namespace_, "\""));
  return Forbidden(info.group, info.resource, info.name, why);
}

Answer<Reply> ReviewAccess(Exchange& exchange, int depth_limit) {
  if (exchange.info.method != "POST") return MethodNotAllowed();
  CAPSTAN_ANSWER(json::ObjectPtr review,
                 ReadObject(exchange.request, "SelfSubjectAccessReview", BodyLimits{depth_limit}));
  const std::string& kind = exchange.info.resource;
  json::ObjectPtr status;
  if (kind == "selfsubjectrulesreviews") {
    review->set("kind", "SelfSubjectRulesReview");
    status = AllowEverything(exchange.user.powerless);
  } else if (kind == "selfsubjectreviews") {
    review->set("kind", "SelfSubjectReview");
    status = json::MakeObject();
    json::ObjectPtr user = json::MakeObject();
    user->set("username", exchange.user.name);
    SetStrings(user, "groups", exchange.user.groups);
    status->set("userInfo", user);
  } else {
    review->set("kind", kind == "subjectaccessreviews"        ? "SubjectAccessReview"
                        : kind == "localsubjectaccessreviews" ? "LocalSubjectAccessReview"
                                                              : "SelfSubjectAccessReview");
    status = json::MakeObject();
    // Of others than whoever asks, nothing is known.
    const bool about_itself = kind == "selfsubjectaccessreviews";
    status->set("allowed", !about_itself || !exchange.user.powerless);
  }
  review->set("apiVersion", exchange.info.GroupVersion());
  json::ObjectPtr metadata = MetaOf(review);
  metadata->set("creationTimestamp", json::Tree());
  review->set("status", status);
  return JsonReply(review, 201);
}

}  // namespace capstan::apiserver
