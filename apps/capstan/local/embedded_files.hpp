// Files of the repository that the program carries. Generated at configure time (see
// CMakeLists.txt).
#pragma once

#include <string_view>

namespace capstan::app {

extern const std::string_view kQuickstartYaml;  // examples/digitalocean/quickstart.yaml

}  // namespace capstan::app
