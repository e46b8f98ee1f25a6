#!/bin/sh
# A browser for the journeys: one that is there, else Debian's Chromium where we are root, else none.
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium for the journeys ..."
    apt-get update -qq >/dev/null 2>&1
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null 2>&1 \
        || echo "Chromium could not be installed; the journeys will say that they were skipped."
else
    echo "There is no Chromium here; the journeys will say that they were skipped."
fi
exit 0
