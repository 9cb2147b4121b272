// Who is asking, and the reviews that `kubectl auth can-i` posts. Whoever has a token may do
// everything here; whoever has none may ask for health and version only. Who is impersonated may do
// everything as one of system:masters, else only see what is served: there are no rights between
// the two here.
#pragma once

#include <string>
#include <vector>

#include <capstan/core/base/mutex.hpp>
#include <capstan/local/apiserver/api/token_user.hpp>
#include <capstan/local/apiserver/requests/exchange.hpp>

namespace capstan::apiserver {

// The tokens that open the door. Thread-safe.
class Tokens {
 public:
  explicit Tokens(std::vector<TokenUser> tokens) : checked_(!tokens.empty()), tokens_(std::move(tokens)) {}
  // Errors: 401.
  Answer<User> Authenticate(const http::Headers& headers) const;
  void Add(TokenUser token);
  void Revoke(const Secret& token);

 private:
  Answer<User> Known(const http::Headers& headers) const;

  mutable Mutex mutex_;
  bool checked_ CAPSTAN_GUARDED_BY(mutex_);
  std::vector<TokenUser> tokens_ CAPSTAN_GUARDED_BY(mutex_);
};

// 403 for what the user may not do. Pure.
Done Authorize(const User& user, const RequestInfo& info);

// Answers a POST on authorization.k8s.io (and SelfSubjectReview of authentication.k8s.io). Pure.
Answer<Reply> ReviewAccess(Exchange& exchange, int depth_limit);

}  // namespace capstan::apiserver
