#include <capstan/apps/capstan/plan/read_only_transport.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>

namespace capstan::app {

Status ReadOnlyTransport::Admit(const http::Request& request, const Context&) {
  if (std::find(methods_.begin(), methods_.end(), request.method) != methods_.end()) return {};
  return Fail(
      Code::kPermissionDenied,
      StrCat(request.method, " ", Shorten(request.url, 200),
             " was not sent: this command only reads, and sends nothing but ", Join(methods_, " and ")));
}

}  // namespace capstan::app
