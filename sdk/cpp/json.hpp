// Json for authors of plugins: see core/base/json.hpp.
#pragma once

#include <capstan/core/base/json.hpp>

namespace capstan::sdk {

using capstan::Json;

}  // namespace capstan::sdk
