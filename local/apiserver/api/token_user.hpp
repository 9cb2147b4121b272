// TokenUser is a bearer token and the user that it authenticates. A value.
#pragma once

#include <string>
#include <vector>

#include <capstan/core/base/secret.hpp>

namespace capstan::apiserver {

struct TokenUser {
  Secret token;
  std::string user;
  std::vector<std::string> groups;
};

}  // namespace capstan::apiserver
