// Checks that a body has the kind that its path requires, for built-in kinds. Pure; thread-safe.
#pragma once

#include <string>

#include <capstan/local/apiserver/api/error.hpp>
#include <capstan/local/apiserver/catalog/catalog.hpp>

namespace capstan::apiserver {

struct BuiltinKind {
  std::string group, version, kind;
};

// 400 when apiVersion or kind is wrong; if the body omits them, they default to the wanted ones.
Done CheckBuiltinKind(const Served& served, const json::ObjectPtr& object, const BuiltinKind& wanted);

}  // namespace capstan::apiserver
