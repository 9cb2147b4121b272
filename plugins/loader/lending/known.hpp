// Reads structs of a plugin whose minor version may differ from ours; the only way to read them.
// Pure; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>

#include <capstan/plugin.h>

namespace capstan::loader {

// The size of T in ABI 1.0, or in the minor version that introduced it: the minimum in every plugin
// that uses it. sizeof(T) is the current size, and grows.
template <class T>
inline constexpr std::size_t kSizeIn10 = 0;
template <>
inline constexpr std::size_t kSizeIn10<capstan_error_t> = CAPSTAN_ERROR_SIZE_1_0;
template <>
inline constexpr std::size_t kSizeIn10<capstan_observed_t> = CAPSTAN_OBSERVED_SIZE_1_0;
template <>
inline constexpr std::size_t kSizeIn10<capstan_page_t> = CAPSTAN_PAGE_SIZE_1_0;
template <>
inline constexpr std::size_t kSizeIn10<capstan_step_t> = CAPSTAN_STEP_SIZE_1_0;
template <>
inline constexpr std::size_t kSizeIn10<capstan_unsupported_t> = CAPSTAN_UNSUPPORTED_SIZE_1_0;
template <>
inline constexpr std::size_t kSizeIn10<capstan_difference_t> = CAPSTAN_DIFFERENCE_SIZE_1_0;
template <>
inline constexpr std::size_t kSizeIn10<capstan_plan_t> = CAPSTAN_PLAN_SIZE_1_0;
template <>
inline constexpr std::size_t kSizeIn10<capstan_associated_t> = CAPSTAN_ASSOCIATED_SIZE_1_0;
template <>
inline constexpr std::size_t kSizeIn10<capstan_associated_list_t> = CAPSTAN_ASSOCIATED_LIST_SIZE_1_0;
template <>
inline constexpr std::size_t kSizeIn10<capstan_notice_t> = CAPSTAN_NOTICE_SIZE_1_0;
template <>
inline constexpr std::size_t kSizeIn10<capstan_notice_list_t> = CAPSTAN_NOTICE_LIST_SIZE_1_0;
template <>
inline constexpr std::size_t kSizeIn10<capstan_offer_t> = CAPSTAN_OFFER_SIZE_1_2;
template <>
inline constexpr std::size_t kSizeIn10<capstan_offer_list_t> = CAPSTAN_OFFER_LIST_SIZE_1_2;
template <>
inline constexpr std::size_t kSizeIn10<capstan_connection_t> = CAPSTAN_CONNECTION_SIZE_1_0;
template <>
inline constexpr std::size_t kSizeIn10<capstan_account_t> = CAPSTAN_ACCOUNT_SIZE_1_0;
template <>
inline constexpr std::size_t kSizeIn10<capstan_http_request_t> = CAPSTAN_HTTP_REQUEST_SIZE_1_0;
template <>
inline constexpr std::size_t kSizeIn10<capstan_plugin_t> = CAPSTAN_PLUGIN_SIZE_1_0;

// Copies the fields of `from` that both sides know; fields that its writer did not have are zero.
// REQUIRES: from->struct_size bytes are readable.
template <class T>
T CopyKnown(const T* from) {
  static_assert(kSizeIn10<T> != 0, "name its size in ABI 1.0 above");
  T known;
  capstan_copy_known(&known, sizeof known, from);
  return known;
}

}  // namespace capstan::loader
