#include <capstan/apps/capstan/plan/read_only_transport.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>

namespace capstan::app {

Status ReadOnlyTransport::Check(const http::Request& request) const {
  if (std::find(methods_.begin(), methods_.end(), request.method) != methods_.end()) return {};
  return Fail(
      Code::kPermissionDenied,
      StrCat(request.method, " ", Shorten(request.url, 200),
             " was not sent: this command only looks, and sends nothing but ", Join(methods_, " and ")));
}

Result<http::Response> ReadOnlyTransport::Send(const http::Request& request, const Context& context) {
  CAPSTAN_RETURN_IF_ERROR(Check(request));
  return next_.Send(request, context);
}

Result<http::StreamResponse> ReadOnlyTransport::Open(const http::Request& request, const Context& context) {
  CAPSTAN_RETURN_IF_ERROR(Check(request));
  return next_.Open(request, context);
}

}  // namespace capstan::app
