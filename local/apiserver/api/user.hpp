// The user of a request: the authenticated one, or the one that it impersonates. A value.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace capstan::apiserver {

struct User {
  std::string name;
  std::vector<std::string> groups;
  bool anonymous = false;
  bool powerless = false;  // impersonated, and not a member of system:masters
  std::string uid = {};
  std::map<std::string, std::vector<std::string>> extra = {};
};

}  // namespace capstan::apiserver
