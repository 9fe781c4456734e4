// The admin port's pages write JSON by usher::JsonWriter.
#pragma once

#include "base/json_writer.h"
