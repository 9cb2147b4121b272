// Whether a body is of the kind that its path takes, for the kinds that came with the server. Pure;
// thread-safe.
#pragma once

#include <string>

#include <capstan/local/apiserver/api/error.hpp>
#include <capstan/local/apiserver/catalog/catalog.hpp>

namespace capstan::apiserver {

struct BuiltinKind {
  std::string group, version, kind;
};

// 400 where apiVersion or kind is another; where the body leaves them out they are the wanted ones.
Done CheckBuiltinKind(const Served& served, const json::ObjectPtr& object, const BuiltinKind& wanted);

}  // namespace capstan::apiserver
