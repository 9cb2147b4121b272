// The reviews that `kubectl auth can-i` posts: checks of permissions and tokens, which are answered
// but not stored. Thread-safe.
#pragma once

#include <capstan/local/apiserver/requests/access.hpp>
#include <capstan/local/apiserver/requests/exchange.hpp>
#include <capstan/local/apiserver/requests/rbac.hpp>
#include <capstan/local/apiserver/schema/builtin.hpp>

namespace capstan::apiserver {

// Answers a POST in authorization.k8s.io or authentication.k8s.io.
Answer<Reply> ReviewAccess(Exchange& exchange, const Tokens& tokens, const Rbac& rbac,
                           const BuiltinSchemas& schemas, int depth_limit);

}  // namespace capstan::apiserver
