// Files of the repository that are compiled in. Generated at configure time (see CMakeLists.txt).
// Constant.
#pragma once

#include <string_view>

namespace capstan::app {

extern const std::string_view kQuickstartYaml;  // examples/digitalocean/quickstart.yaml

}  // namespace capstan::app
