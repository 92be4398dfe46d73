# SPDX-License-Identifier: GPL-2.0
# The page: one file of its parts. A script's part may use what those before it define.

PAGE_PARTS := dom format metrics diagram histogram findings status health page
PAGE_SCRIPTS := $(PAGE_PARTS:%=user/page/%.js)

$(BUILD)/page.html: user/page/page.html user/page/page.css $(PAGE_SCRIPTS)
	$(call say,PAGE,$@)
	$(Q)mkdir -p $(@D)
	$(Q)sed -e '/^@style@$$/{r user/page/page.css' -e 'd}' \
		-e '/^@script@$$/{' $(PAGE_SCRIPTS:%=-e 'r %') -e 'd}' user/page/page.html >$@.new && \
		mv $@.new $@
