#include <capstan/local/apiserver/requests/access.hpp>

#include <algorithm>
#include <chrono>
#include <string_view>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;

constexpr std::size_t kIssuedLimit = 10000;
// Only core/net's server sets these headers (http_server.hpp there).
constexpr std::string_view kPeerName = "X-Capstan-Peer-Name", kPeerGroup = "X-Capstan-Peer-Group";

// The user that an administrator impersonates with kubectl --as and --as-group.
User Impersonated(User user, const http::Headers& headers) {
  const auto name = headers.Get("Impersonate-User");
  if (!name || user.anonymous) return user;
  user = User{std::string(*name), {}, false};
  for (const auto& [header, value] : headers.fields()) {
    if (EqualsIgnoreCase(header, "Impersonate-Group")) user.groups.push_back(value);
    if (EqualsIgnoreCase(header, "Impersonate-Uid")) user.uid = value;
  }
  constexpr std::string_view kAccount = "system:serviceaccount:";
  if (user.groups.empty() && name->substr(0, kAccount.size()) == kAccount) {
    const std::string rest(name->substr(kAccount.size()));
    user.groups = {"system:serviceaccounts", "system:serviceaccounts:" + rest.substr(0, rest.find(':'))};
  }
  user.powerless = !IsMaster(user);
  if (std::find(user.groups.begin(), user.groups.end(), "system:authenticated") == user.groups.end())
    user.groups.emplace_back("system:authenticated");
  return user;
}

// The impersonation headers of a request that lacks Impersonate-User, as the error prints them;
// empty: none.
std::string ImpersonationWithoutUser(const http::Headers& headers) {
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

// Requests allowed to everyone: health, version, discovery, and reviews of one's own permissions.
bool IsOpen(const User& user, const RequestInfo& info) {
  if (info.is_resource) {
    const bool about_itself = info.resource == "selfsubjectaccessreviews" ||
                              info.resource == "selfsubjectrulesreviews" ||
                              info.resource == "selfsubjectreviews";
    return user.powerless && about_itself;
  }
  std::vector<std::string_view> open = {"/healthz", "/livez", "/readyz", "/version"};
  if (user.powerless) open.insert(open.end(), {"/api", "/apis", "/openapi"});
  return std::any_of(open.begin(), open.end(), [&info](std::string_view path) {
    return info.path == path || info.path.rfind(std::string(path) + "/", 0) == 0;
  });
}

std::string InWords(const AccessQuestion& question) {
  const std::string resource =
      question.subresource.empty() ? question.resource : StrCat(question.resource, "/", question.subresource);
  return StrCat("cannot ", question.verb, " resource \"", resource, "\" in API group \"", question.group,
                "\"",
                question.namespace_.empty() ? std::string(" at the cluster scope")
                                            : StrCat(" in the namespace \"", question.namespace_, "\""));
}

AccessQuestion QuestionOf(const RequestInfo& info) {
  if (!info.is_resource) return {ToLower(info.method), "", "", "", "", "", info.path};
  return {info.verb, info.group, info.resource, info.subresource, info.name, info.namespace_, ""};
}

std::string Base64Url(std::string_view bytes) {
  std::string text = Base64Encode(bytes);
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

std::int64_t WholeSecondsOf(WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

User AccountUser(const std::string& namespace_, const std::string& name, const std::string& uid) {
  User user{StrCat("system:serviceaccount:", namespace_, ":", name),
            {"system:serviceaccounts", StrCat("system:serviceaccounts:", namespace_), "system:authenticated"},
            false,
            true};
  user.uid = uid;
  return user;
}

Answer<User> Tokens::Authenticate(const http::Headers& headers, const Rbac& rbac) const {
  if (const std::string part = ImpersonationWithoutUser(headers); !part.empty())
    return Refuse(500, "InternalError", StrCat("requested [", part, "] without impersonating a user"));
  CAPSTAN_ANSWER(User user, Known(headers));
  const auto name = headers.Get("Impersonate-User");
  if (name && user.powerless) {
    AccessQuestion question{"impersonate", "", "users", "", std::string(*name), "", ""};
    if (rbac.Allows(user, question).empty()) {
      return Forbidden("", "users", std::string(*name),
                       StrCat("User \"", user.name, "\" ", InWords(question)));
    }
  }
  return Impersonated(std::move(user), headers);
}

Answer<User> Tokens::UserOfToken(std::string_view token) const {
  MutexLock lock(mutex_);
  const Secret given{std::string(token)};
  for (const TokenUser& known : tokens_) {
    if (!(known.token == given)) continue;
    User user{known.user, known.groups, false};
    user.groups.emplace_back("system:authenticated");
    user.powerless = rbac_ && !IsMaster(user);
    return user;
  }
  const auto found = issued_.find(token);
  if (found == issued_.end() || found->second.expires <= clock_.WallNow())
    return Refuse(401, "Unauthorized", "Unauthorized");
  const Issued& one = found->second;
  const RecordPtr account =
      store_.Get(StrCat(ResourcePrefix("", "serviceaccounts"), one.namespace_, "/", one.name));
  if (!account || account->meta.uid != one.uid) return Refuse(401, "Unauthorized", "Unauthorized");
  return AccountUser(one.namespace_, one.name, one.uid);
}

Answer<User> Tokens::Known(const http::Headers& headers) const {
  const auto header = headers.Get("Authorization");
  constexpr std::string_view kScheme = "Bearer ";
  const bool bearer = header && header->size() > kScheme.size() &&
                      EqualsIgnoreCase(header->substr(0, kScheme.size()), kScheme);
  bool checked = false;
  {
    MutexLock lock(mutex_);
    checked = checked_;
  }
  if (bearer) {
    auto user = UserOfToken(Trim(header->substr(kScheme.size())));
    if (user || checked) return user;
  }
  if (const auto name = headers.Get(kPeerName); name && certificates_ && !header) {
    User user{std::string(*name), {}, false};
    for (const auto& [field, value] : headers.fields()) {
      if (EqualsIgnoreCase(field, kPeerGroup)) user.groups.push_back(value);
    }
    user.powerless = rbac_ && !IsMaster(user);
    user.groups.emplace_back("system:authenticated");
    return user;
  }
  if (!checked) return User{"admin", {"system:masters", "system:authenticated"}, false};
  if (!header) return User{"system:anonymous", {"system:unauthenticated"}, true};
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

std::string Tokens::Issue(const std::string& namespace_, const std::string& name, const std::string& uid,
                          const std::vector<std::string>& audiences, WallTime expires) {
  const WallTime now = clock_.WallNow();
  ObjectPtr claims = json::MakeObject(), kubernetes = json::MakeObject(), account = json::MakeObject();
  account->set("name", name);
  account->set("uid", uid);
  kubernetes->set("namespace", namespace_);
  kubernetes->set("serviceaccount", account);
  claims->set("aud", json::ArrayOf(audiences));
  claims->set("exp", WholeSecondsOf(expires));
  claims->set("iat", WholeSecondsOf(now));
  claims->set("iss", std::string("https://kubernetes.default.svc.cluster.local"));
  claims->set("kubernetes.io", kubernetes);
  claims->set("nbf", WholeSecondsOf(now));
  claims->set("sub", StrCat("system:serviceaccount:", namespace_, ":", name));
  // Has the form of a JWT for clients that read its expiry. The server recognizes it by looking it
  // up in `issued_`; nothing verifies a signature.
  std::string token =
      StrCat(Base64Url(R"({"alg":"RS256","kid":"embedded"})"), ".", Base64Url(json::ToText(claims)), ".",
             Base64Url(random_.Uuid() + random_.Uuid()));
  MutexLock lock(mutex_);
  for (auto one = issued_.begin(); one != issued_.end();)
    one = one->second.expires <= now ? issued_.erase(one) : std::next(one);
  if (issued_.size() >= kIssuedLimit) {
    issued_.erase(std::min_element(issued_.begin(), issued_.end(), [](const auto& a, const auto& b) {
      return a.second.expires < b.second.expires;
    }));
  }
  issued_[token] = Issued{namespace_, name, uid, expires};
  return token;
}

Done Authorize(const User& user, const RequestInfo& info, const Rbac& rbac) {
  if ((!user.anonymous && !user.powerless) || IsOpen(user, info)) return {};
  const AccessQuestion question = QuestionOf(info);
  if (!rbac.Allows(user, question).empty()) return {};
  if (!info.is_resource) {
    return RefuseAbout(
        403, "Forbidden",
        StrCat("forbidden: User \"", user.name, "\" cannot ", question.verb, " path \"", info.path, "\""), "",
        "", "");
  }
  return Forbidden(info.group, info.resource, info.name,
                   StrCat("User \"", user.name, "\" ", InWords(question)));
}

}  // namespace capstan::apiserver
