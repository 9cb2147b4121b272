// The templates of projects. Generated at configure time (see CMakeLists.txt). Constant.
#pragma once

#include <string_view>

namespace capstan::app {

struct Template {
  std::string_view path, content;
};
extern const Template kOperatorTemplate[];
extern const int kOperatorTemplateSize;
extern const Template kProviderTemplate[];
extern const int kProviderTemplateSize;

}  // namespace capstan::app
