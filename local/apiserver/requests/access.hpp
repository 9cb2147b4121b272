// Authentication and authorization of requests. A known token may do everything unless RBAC is on;
// then roles and bindings decide. Impersonated users and service accounts are always subject to
// roles and bindings.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/random.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/local/apiserver/api/token_user.hpp>
#include <capstan/local/apiserver/requests/exchange.hpp>
#include <capstan/local/apiserver/requests/rbac.hpp>

namespace capstan::apiserver {

// The user of a service account, which is subject to roles and bindings.
User AccountUser(const std::string& namespace_, const std::string& name, const std::string& uid);

// The tokens that the server accepts and their users. Thread-safe.
class Tokens {
 public:
  // The references must outlive this object. `rbac`: the users of tokens are subject to roles and
  // bindings as well. `certificates`: the headers kPeerName and kPeerGroup name a user.
  Tokens(std::vector<TokenUser> tokens, bool rbac, bool certificates, const ObjectStore& store,
         const Clock& clock, Random& random)
      : rbac_(rbac),
        certificates_(certificates),
        store_(store),
        clock_(clock),
        random_(random),
        checked_(!tokens.empty() || certificates),
        tokens_(std::move(tokens)) {}
  // The user of a request. Errors: 401, 403 (impersonation without permission).
  Answer<User> Authenticate(const http::Headers& headers, const Rbac& rbac) const;
  // The user of a token. Errors: 401.
  Answer<User> UserOfToken(std::string_view token) const;
  void Add(TokenUser token);
  void Revoke(const Secret& token);

  // Issues a token for an existing service account, valid until `expires` or until the account is
  // deleted.
  std::string Issue(const std::string& namespace_, const std::string& name, const std::string& uid,
                    const std::vector<std::string>& audiences, WallTime expires);

 private:
  struct Issued {
    std::string namespace_, name, uid;
    WallTime expires;
  };
  Answer<User> Known(const http::Headers& headers) const;

  // Constant after construction.
  const bool rbac_, certificates_;
  const ObjectStore& store_;
  const Clock& clock_;
  Random& random_;

  // Guarded by mutex_.
  mutable Mutex mutex_;
  bool checked_ CAPSTAN_GUARDED_BY(mutex_);
  std::vector<TokenUser> tokens_ CAPSTAN_GUARDED_BY(mutex_);
  std::map<std::string, Issued, std::less<>> issued_ CAPSTAN_GUARDED_BY(mutex_);
};

// Errors: 403 when the user is not allowed to do this.
Done Authorize(const User& user, const RequestInfo& info, const Rbac& rbac);

}  // namespace capstan::apiserver
