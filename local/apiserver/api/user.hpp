// Who asks: the user that a request comes from, or that it impersonates. A value.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace capstan::apiserver {

struct User {
  std::string name;
  std::vector<std::string> groups;
  bool anonymous = false;
  bool powerless = false;  // impersonated, and not an administrator
  std::string uid = {};
  std::map<std::string, std::vector<std::string>> extra = {};
};

}  // namespace capstan::apiserver
