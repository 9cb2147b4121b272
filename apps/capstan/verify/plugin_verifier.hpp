// `capstan plugins verify FILE`. For the main thread, because it forks.
#pragma once

#include <string>

namespace capstan::app {

// The flags of `plugins verify`, for CommandInfo::flags.
extern const char kVerifierFlags[];

// Runs the conformance suite on the plugin in this file, according to the flags of
// plugin_verifier.cpp. Prints the findings on standard output, see VerificationReport. 0: all pass;
// 1: one fails, or nothing could be verified; 2: wrong usage.
int VerifyPlugin(const std::string& file);

}  // namespace capstan::app
